//! What may be done with a result: download, compare, delete.

use super::*;

async fn send(address: SocketAddr, path: &str, fields: &str, body: &str) -> String {
    ask(TcpStream::connect(address).await.unwrap(), &post(path, fields, body)).await
}

#[tokio::test]
async fn a_result_is_downloaded_once_it_is_there() {
    let (known, address, _guard) = site_with(running(), Settings::default()).await;
    let early = fetch(address, &format!("/r/{}/verdict.json", trial())).await;
    assert!(early.starts_with("HTTP/1.1 303"), "{early}");
    known.change(|report| *report = finished());
    for (ending, kind, body) in [("json", "application/json", "Json"), ("eml", "message/rfc822", "Mail")] {
        let file = fetch(address, &format!("/r/{}/verdict.{ending}", trial())).await;
        assert!(file.starts_with("HTTP/1.1 200") && file.ends_with(body), "{file}");
        assert!(file.contains(kind) && file.contains(&format!("filename=\"verdict.{ending}\"")), "{file}");
    }
    let unknown = fetch(address, &format!("/r/{}/verdict.json", earlier())).await;
    assert!(unknown.starts_with("HTTP/1.1 404"), "{unknown}");
}

#[tokio::test]
async fn a_result_is_deleted_by_a_form_of_this_site_alone() {
    let (_known, address, _guard) = site_with(finished(), Settings::default()).await;
    let path = format!("/r/{}/delete", trial());
    let asks = fetch(address, &path).await;
    assert!(asks.contains("<form method=\"post\"") && asks.contains(&path), "{asks}");
    for fields in ["Sec-Fetch-Site: cross-site\r\n", "Origin: https://example.net\r\n", "Origin: null\r\n"] {
        let refused = send(address, &path, fields, "").await;
        assert!(refused.starts_with("HTTP/1.1 403"), "{fields} {refused}");
    }
    assert!(
        fetch(address, &format!("/r/{}", trial())).await.starts_with("HTTP/1.1 200"),
        "it is still there"
    );
    let gone = send(address, &path, "Sec-Fetch-Site: same-origin\r\nOrigin: null\r\n", "").await;
    assert!(gone.starts_with("HTTP/1.1 200") && gone.contains("is deleted"), "{gone}");
    for path in [format!("/r/{}", trial()), path.clone(), format!("/r/{}/events", trial())] {
        assert!(fetch(address, &path).await.starts_with("HTTP/1.1 404"), "{path}");
    }
    assert!(send(address, &path, "", "").await.starts_with("HTTP/1.1 404"));
}

#[tokio::test]
async fn whoever_sent_a_trial_may_ask_for_a_mail_on_the_reports_about_it() {
    let (_known, address, _guard) = site_with(finished(), Settings::default()).await;
    let path = format!("/r/{}/postscript", trial());
    let asks = fetch(address, &path).await;
    assert!(asks.contains("name=\"address\"") && asks.contains(&path), "{asks}");
    let kept = send(address, &path, "", "address=jane%40example.net").await;
    assert!(kept.starts_with("HTTP/1.1 200") && kept.contains("You get one mail"), "{kept}");
    let long = "a".repeat(300);
    for other in ["address=joe%40example.net", &format!("address={long}%40example.net")] {
        let refused = send(address, &path, "", other).await;
        assert!(refused.starts_with("HTTP/1.1 422") && refused.contains("name=\"address\""), "{refused}");
    }
    assert!(
        send(address, &path, "Origin: https://example.net\r\n", "address=a")
            .await
            .starts_with("HTTP/1.1 403")
    );
    let unknown = format!("/r/{}/postscript", earlier());
    assert!(send(address, &unknown, "", "address=jane%40example.net").await.starts_with("HTTP/1.1 404"));
}

#[tokio::test]
async fn a_result_leads_to_the_second_part() {
    let (known, address, _guard) = site_with(finished(), Settings::default()).await;
    let (path, link) = (format!("/r/{}", trial()), "href=\"/second-part\"");
    assert!(fetch(address, &path).await.contains(link));
    known.change(|report| *report = running());
    assert!(!fetch(address, &path).await.contains(link), "not before it is there");
}

#[tokio::test]
async fn a_running_trial_is_not_deleted() {
    let (_known, address, _guard) = site_with(running(), Settings::default()).await;
    let answer = send(address, &format!("/r/{}/delete", trial()), "", "").await;
    assert!(answer.starts_with("HTTP/1.1 409") && answer.contains("still runs"), "{answer}");
}

#[tokio::test]
async fn two_results_are_compared_where_the_visitor_has_both_addresses() {
    let (_known, address, _guard) = site_with(finished(), Settings::default()).await;
    let path = format!("/r/{}/compare", trial());
    assert!(fetch(address, &path).await.contains("name=\"earlier\""));
    let pasted = format!("earlier=+https%3A%2F%2Ftest.example.org%2Fr%2F{}%3Flang%3Den+", earlier());
    let both = send(address, &path, "", &pasted).await;
    for text in ["The answer", "No &#60;b&#62;", "What has changed", "<li>SNI: Yes</li>"] {
        assert!(both.contains(text), "{text} in {both}");
    }
    assert!(!both.contains(earlier().as_str()), "it leads nowhere by itself");
    for (pasted, says) in [
        ("earlier=nonsense".to_owned(), "no address of another result"),
        (format!("earlier={}", trial()), "no address of another result"),
        (format!("earlier={}", TrialId::new(b"other", LinkId(9), 0)), "no result at that address"),
    ] {
        let answer = send(address, &path, "", &pasted).await;
        assert!(answer.contains(says), "{pasted} {answer}");
    }
}

#[tokio::test]
async fn a_form_is_only_so_large() {
    let (_known, address, _guard) = site_with(finished(), Settings::default()).await;
    let body = format!("earlier={}", "x".repeat(70_000));
    let answer = send(address, &format!("/r/{}/compare", trial()), "", &body).await;
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
}
