//! The command line.

use std::process::ExitCode;
use std::time::Duration;

use mailassay::program::app::command::CommandLine;
use mailassay::program::app::logging;

/// How long what does not wait for anything may go on at the end, in seconds: one judge that hangs must not keep a
/// service from ending.
const SHUTDOWN_S: u64 = 5;

/// Gives back what was freed after a burst.
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

#[expect(clippy::disallowed_methods, reason = "the roof draws")]
fn main() -> ExitCode {
    let command = CommandLine::read();
    logging::begin(&command.log_filter(), command.log_form());
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("mailassay: no threads can be had: {error}; is the limit of processes too low?");
            return ExitCode::from(2);
        }
    };
    let code = runtime.block_on(command.run(rand::random));
    runtime.shutdown_timeout(Duration::from_secs(SHUTDOWN_S));
    code
}
