//! Real mail servers in a private DNS world, all in one network namespace that ends with the test.

mod certificates;
pub(crate) mod row;
pub(crate) mod run;
pub(crate) mod world;
mod zones;
