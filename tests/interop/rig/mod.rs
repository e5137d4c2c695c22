//! The interop rig: real senders, each with a service of its own, in network namespaces that end with the test.

pub(crate) mod cases;
pub(crate) mod cells;
pub(crate) mod expect;
pub(crate) mod mode;
pub(crate) mod noise;
pub(crate) mod peers;
pub(crate) mod receivers;
pub(crate) mod row;
pub(crate) mod run;
pub(crate) mod service;
pub(crate) mod world;
