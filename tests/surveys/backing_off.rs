//! Who puts us off is asked less often, then not at all for a while, then no more.

use mailcensus::table::codes::ErrorCode;

use super::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_operator_that_puts_us_off_is_paused_and_then_left_alone() {
    let mut net = Net::new().await;
    for number in 1..=40 {
        let manners = [Manner::Greets(421)];
        net.add(&format!("busy{number}"), [127, 34, 1, number], &manners)
            .await;
    }
    net.add("calm", [127, 34, 2, 1], &[Manner::Polite]).await;
    let surveyed = net.survey(1).await;
    let said = |words: &str| {
        let line = format!("operator 127.34.1.0/24: {words}");
        surveyed.ran.stderr.matches(&line).count()
    };
    let stderr = &surveyed.ran.stderr;
    for pause in ["1 s", "2 s", "4 s"] {
        let words = format!("5 temporary refusals in a row, paused for {pause}");
        assert_eq!(said(&words), 1, "{stderr}");
    }
    assert_eq!(said("temporary refusals, slowed down"), 1, "{stderr}");
    assert_eq!(said("asked again after its pause"), 3, "{stderr}");
    assert_eq!(said("still refuses after 3 pauses"), 1, "{stderr}");
    assert!(!stderr.contains("127.34.2.0/24"), "{stderr}");
    // Four times five, and what was under way when a pause began.
    let mut connections = 0;
    for number in 1..=40 {
        connections += net.server(&format!("busy{number}")).log().connections;
    }
    assert!((20..=20 + 4 * 3).contains(&connections), "{connections}");
    assert_eq!(surveyed.endpoints.len(), 41, "and the survey ends");
    let of = |error| {
        let mut rows = surveyed.endpoints.values();
        rows.by_ref()
            .filter(|row| row.tcp.error.or(row.starttls.error) == Some(error))
            .count()
    };
    let (refused, unasked) = (of(ErrorCode::TempReject), of(ErrorCode::Budget));
    assert_eq!(refused + unasked, 40);
    assert!(unasked > 0, "nobody was left alone");
    let put_off = &surveyed.manifest["bias"]["127.34.1.0/24"]["temp_reject"];
    assert_eq!(put_off.as_u64(), Some(refused as u64));
    let words = format!("0 blocked, {refused} temp_reject; {refused} by 127.34.1.0/24");
    assert!(
        surveyed.ran.stdout.contains(&words),
        "{}",
        surveyed.ran.stdout
    );
    for number in 1..=40 {
        let name = format!("busy{number}");
        let finding = &surveyed.verdicts[&name].starttls;
        assert!(["temp_reject:0/1", "budget:0/1"].contains(&&*finding.reason));
    }
    assert_eq!(surveyed.verdicts["calm"].starttls.reason, "starttls:1/1");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn servers_with_broken_tls_put_nobody_off() {
    let mut net = Net::new().await;
    for number in 1..=6 {
        let manners = [Manner::AnswersStarttls(454)];
        net.add(&format!("broken{number}"), [127, 34, 3, number], &manners)
            .await;
    }
    let surveyed = net.survey(1).await;
    let stderr = &surveyed.ran.stderr;
    assert!(!stderr.contains("operator 127.34.3.0/24"), "{stderr}");
    assert_eq!(surveyed.endpoints.len(), 6);
    for row in surveyed.endpoints.values() {
        assert_eq!(row.starttls.code, Some(454), "{}", row.ip);
    }
}
