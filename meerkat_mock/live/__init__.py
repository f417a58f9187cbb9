"""Live channels: a session tied to a realtime provider, and the socket on which a client listens and speaks (spec 07)."""
