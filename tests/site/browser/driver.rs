//! chromedriver, and one Chromium that it drives (W3C WebDriver).

use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::http;

/// How long a command may take, in seconds: a page that does not load is a fault of the page.
const COMMAND_S: u64 = 60;

/// The process, and the session in it.
pub(super) struct Driver {
    process: Child,
    port: u16,
    session: String,
    _profile: tempfile::TempDir,
}

impl Driver {
    /// Starts both. No name leads anywhere, so that a page that calls another host is seen and the call fails.
    pub(super) async fn start() -> Self {
        let mut process = Command::new("chromedriver")
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            // Chromium and its helpers are in the group, which ends as one.
            .process_group(0)
            .spawn()
            .expect("chromedriver is installed");
        let mut lines = BufReader::new(process.stdout.take().expect("its output is piped")).lines();
        let port = loop {
            let line = lines.next_line().await.expect("its output").expect("a line that names its port");
            if let Some((_, port)) = line.split_once("successfully on port ") {
                break port.trim_end_matches('.').parse().expect("a port");
            }
        };
        // It goes on writing, and must not wait for a reader.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        let profile = tempfile::tempdir().expect("a folder");
        let mut driver = Self { process, port, session: String::new(), _profile: profile };
        let arguments = [
            "--headless=new".to_owned(),
            "--no-sandbox".to_owned(),
            "--disable-gpu".to_owned(),
            "--disable-dev-shm-usage".to_owned(),
            "--hide-scrollbars".to_owned(),
            "--window-size=1280,900".to_owned(),
            "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1".to_owned(),
            format!("--user-data-dir={}", driver._profile.path().display()),
        ];
        let wanted = json!({"capabilities": {"alwaysMatch": {
            "browserName": "chrome",
            "acceptInsecureCerts": true,
            "unhandledPromptBehavior": "ignore",
            "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
            "goog:chromeOptions": {"args": arguments},
        }}});
        let session = driver.command("POST", "/session", &wanted).await.expect("a session");
        driver.session = session["sessionId"].as_str().expect("its identity").to_owned();
        driver
    }

    /// A command of the session, such as `POST /url`.
    pub(super) async fn session(&self, method: &str, path: &str, body: &Value) -> Result<Value, String> {
        self.command(method, &format!("/session/{}{path}", self.session), body).await
    }

    /// A command of the Chrome DevTools Protocol.
    pub(super) async fn devtools(&self, command: &str, parameters: &Value) -> Result<Value, String> {
        let body = json!({"cmd": command, "params": parameters});
        self.session("POST", "/goog/cdp/execute", &body).await
    }

    async fn command(&self, method: &str, path: &str, body: &Value) -> Result<Value, String> {
        let body = if method == "POST" { body.to_string() } else { String::new() };
        let limit = Duration::from_secs(COMMAND_S);
        let fields = [("content-type", "application/json")];
        let answer =
            tokio::time::timeout(limit, http::exchange(self.port, method, path, &fields, body)).await;
        let answer = answer.map_err(|_| format!("{method} {path}: no answer within {COMMAND_S} s"))??;
        let mut answer: Value = serde_json::from_slice(answer.body()).map_err(|error| error.to_string())?;
        match answer["value"]["error"].as_str() {
            Some(error) => {
                let said = answer["value"]["message"].as_str().unwrap_or_default();
                Err(format!("{error}: {}", said.lines().next().unwrap_or_default()))
            }
            None => Ok(answer["value"].take()),
        }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let id = self.process.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
        if let Some(group) = id {
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}
