//! What is tested of several checks of this section together.

mod exists;
mod valid;
