//! Every outgoing connection: address rules, purpose to port, byte and time budgets.
