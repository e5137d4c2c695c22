//! Facts of this host, and of how the world finds its zone, without any opinion: its addresses and free ports, the room on
//! its disks, its clock, what it can reach, what its parent and its name servers say, and who may issue for it.

mod addresses;
mod clock;
mod delegation;
mod disk;
mod issuers;
mod ports;
mod vantage;

pub use addresses::{OwnAddress, own_addresses};
pub use clock::{Said, clock_of};
pub use delegation::{Delegation, NameServer, Serial, delegation, name_servers};
pub use disk::{DiskRoom, disk_room};
pub use issuers::{Issuers, issuers};
pub use ports::{bound_tcp, bound_udp};
pub use vantage::{Outlook, Pointer, Port25, Vantage, vantage};
