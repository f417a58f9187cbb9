"""The Meerkat SDK: sessions, turns, events, tools, mobs and live channels of an rkat-rpc server, from Python."""
