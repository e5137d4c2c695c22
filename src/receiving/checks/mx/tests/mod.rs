//! What is tested of several checks of this section together.

mod records;
