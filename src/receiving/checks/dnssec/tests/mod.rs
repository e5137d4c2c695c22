//! What is tested of several checks of this section together.

mod domain;
mod hosts;
mod numbers;
mod upkeep;
