"""The scripted agent loop: steps of a script become events, history, usage and a result, in the order of the contract."""
