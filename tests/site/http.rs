//! One request without a browser.

use std::net::Ipv4Addr;

use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// Asks a port of this machine, and gives the answer with its whole body.
pub(crate) async fn exchange(
    port: u16,
    method: &str,
    path: &str,
    fields: &[(&str, &str)],
    body: String,
) -> Result<Response<Bytes>, String> {
    let asked = async {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await?;
        let (mut send, connection) = http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        let mut request =
            Request::builder().method(method).uri(path).header("host", format!("127.0.0.1:{port}"));
        for (name, value) in fields {
            request = request.header(*name, *value);
        }
        let (head, body) = send.send_request(request.body(Full::new(Bytes::from(body)))?).await?.into_parts();
        let body = body.collect().await?.to_bytes();
        Ok::<_, Box<dyn std::error::Error + Send + Sync>>(Response::from_parts(head, body))
    };
    asked.await.map_err(|error| format!("{method} {path}: {error}"))
}

/// Asks for a page of the site.
pub(crate) async fn get(url: &str) -> Result<Response<Bytes>, String> {
    let (port, path) = place(url)?;
    exchange(port, "GET", &path, &[], String::new()).await
}

/// Sends a form, as a program does that has no cookies.
pub(crate) async fn post(url: &str, form: &str) -> Result<Response<Bytes>, String> {
    let (port, path) = place(url)?;
    let fields = [("content-type", "application/x-www-form-urlencoded")];
    exchange(port, "POST", &path, &fields, form.to_owned()).await
}

fn place(url: &str) -> Result<(u16, String), String> {
    let rest = url.strip_prefix("http://127.0.0.1:").ok_or("not here")?;
    let (port, path) = rest.split_once('/').unwrap_or((rest, ""));
    Ok((port.parse().map_err(|_| "no port".to_owned())?, format!("/{path}")))
}
