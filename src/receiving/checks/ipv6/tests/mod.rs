//! What is tested of several checks of this section together.

mod mx;
mod name_servers;
