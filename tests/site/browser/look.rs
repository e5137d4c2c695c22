//! In what way a page is shown: on a wide screen in light or dark, on a phone, on paper.

use data_encoding::BASE64;
use serde_json::json;

use super::driver::Driver;

/// A way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Look {
    Light,
    Dark,
    Phone,
    Print,
}

impl Look {
    pub(crate) const ALL: [Self; 4] = [Self::Dark, Self::Phone, Self::Print, Self::Light];

    /// Its name in that of a file.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
            Self::Phone => "phone",
            Self::Print => "print",
        }
    }
}

/// Widths in CSS pixels: of a screen, of a small phone, of A4 between its margins.
fn width(look: Look) -> u32 {
    match look {
        Look::Light | Look::Dark => 1_280,
        Look::Phone => 360,
        Look::Print => 718,
    }
}

pub(super) async fn set(driver: &Driver, look: Look) -> Result<(), String> {
    let scheme = if look == Look::Dark { "dark" } else { "light" };
    let media = json!({
        "media": if look == Look::Print { "print" } else { "" },
        "features": [{"name": "prefers-color-scheme", "value": scheme}],
    });
    driver.devtools("Emulation.setEmulatedMedia", &media).await?;
    let screen = json!({
        "width": width(look),
        "height": 800,
        "deviceScaleFactor": 1,
        "mobile": look == Look::Phone,
    });
    driver.devtools("Emulation.setDeviceMetricsOverride", &screen).await.map(drop)
}

pub(super) async fn picture(driver: &Driver) -> Result<Vec<u8>, String> {
    let whole = json!({"format": "png", "captureBeyondViewport": true});
    let picture = driver.devtools("Page.captureScreenshot", &whole).await?;
    let text = picture["data"].as_str().unwrap_or_default();
    BASE64.decode(text.as_bytes()).map_err(|error| format!("the picture: {error}"))
}
