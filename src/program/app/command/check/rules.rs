//! Which rules may be chosen: those of the program, and those of the operator's configuration.

use std::ffi::OsStr;

use clap::builder::{PossibleValue, TypedValueParser};
use clap::error::ErrorKind;

use crate::program::app::command::ending::CommandError;
use crate::receiving::profiles::Profiles;
use crate::shared::text::clean;

/// Takes the name of any profile: which the operator has is known when the configuration is.
#[derive(Clone, Copy, Debug)]
pub(super) struct ProfileName;

impl TypedValueParser for ProfileName {
    type Value = String;

    fn parse_ref(
        &self,
        command: &clap::Command,
        _: Option<&clap::Arg>,
        value: &OsStr,
    ) -> Result<String, clap::Error> {
        let name = value.to_str().map(str::to_owned);
        name.ok_or_else(|| clap::Error::new(ErrorKind::InvalidUtf8).with_cmd(command))
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(Profiles::embedded().names().map(PossibleValue::new)))
    }
}

/// Whether there is a profile of this name.
pub(super) fn known(name: &str) -> Result<(), CommandError> {
    let profiles = Profiles::in_force();
    if profiles.get(name).is_some() {
        return Ok(());
    }
    let list = profiles.names().collect::<Vec<_>>().join(", ");
    let advice = "your own are in the folder that `profiles` of the configuration names";
    Err(CommandError::Unfit(format!("`{}` is no profile; there are {list}, and {advice}", clean(name))))
}
