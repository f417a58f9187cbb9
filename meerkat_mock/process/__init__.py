"""The mock as a process of its own: the command line of rkat-rpc, its standard streams, its exit codes (spec 01, section 13)."""
