"""One scenario, two worlds: the same tests against a real server, whose model is the scenario behind an HTTP endpoint."""
