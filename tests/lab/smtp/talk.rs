//! Greeting and commands.

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::sleep;

use super::Manner;
use super::peer::{Peer, THOUGHT, hold};

/// Says whether the conversation goes on.
pub async fn greet(peer: &mut Peer<'_, '_, TcpStream>, manner: Manner) -> std::io::Result<bool> {
    match manner {
        Manner::Silent => hold(&mut peer.stream).await?,
        Manner::DripsForever => loop {
            peer.say(b"2").await?;
            sleep(Duration::from_millis(20)).await;
        },
        Manner::HangsUp => {}
        Manner::HangsUpInGreeting => peer.say(b"220-mail.exam").await?,
        Manner::Resets => {
            // The peer shall see the connection before it sees the end of it.
            sleep(THOUGHT).await;
            peer.stream.set_zero_linger()?;
        }
        Manner::EndlessBanner => loop {
            peer.say(&[b'2'; 512]).await?;
        },
        Manner::EndlessMultilineBanner => loop {
            peer.say(b"220-and one more thing\r\n").await?;
        },
        Manner::NotSmtp => {
            peer.say(b"SSH-2.0-OpenSSH_9.2p1\r\n").await?;
            hold(&mut peer.stream).await?;
        }
        Manner::MixedCodes => {
            peer.say(b"220-welcome\r\n421 or not\r\n").await?;
            hold(&mut peer.stream).await?;
        }
        Manner::GreetsSlowly(after) => {
            sleep(after).await;
            peer.greet().await?;
            return Ok(true);
        }
        Manner::LongLine => {
            let line = format!("220 {}\r\n", "x".repeat(594));
            peer.say(line.as_bytes()).await?;
            return Ok(true);
        }
        Manner::Greets(code) => {
            peer.say(format!("{code} not now\r\n").as_bytes()).await?;
            return Ok(true);
        }
        Manner::BinaryBanner => {
            peer.say(b"220 \x1b[2J\x07\xff\\\r\n").await?;
            return Ok(true);
        }
        Manner::HangsUpAfterGreeting => {
            peer.greet().await?;
            peer.line().await?;
        }
        _ => {
            peer.greet().await?;
            return Ok(true);
        }
    }
    Ok(false)
}

/// Answers commands; says whether a handshake follows.
pub async fn commands<S: AsyncRead + AsyncWrite + Unpin>(
    peer: &mut Peer<'_, '_, S>,
    manner: Manner,
) -> std::io::Result<bool> {
    let clear = peer.prefix.is_empty();
    while let Some(line) = peer.line().await? {
        // Verbs have no case (RFC 5321 2.4).
        let verb = line.split(' ').next().unwrap_or_default();
        match verb.to_ascii_uppercase().as_str() {
            "EHLO" if manner == Manner::EndlessEhlo => loop {
                peer.say(b"250-and one more thing\r\n").await?;
            },
            "EHLO" if clear => match extensions(manner, peer.host.name) {
                Some(reply) => peer.say(&reply).await?,
                None => hold(&mut peer.stream).await?,
            },
            "EHLO" => {
                let reply = format!("250-{}\r\n250 AUTH PLAIN\r\n", peer.host.name);
                peer.say(reply.as_bytes()).await?
            }
            "HELO" if manner == Manner::HeloOnly => peer.say(b"250 hello\r\n").await?,
            "STARTTLS" if clear => match manner {
                Manner::AnswersStarttls(code) => {
                    peer.say(format!("{code} no\r\n").as_bytes()).await?;
                }
                Manner::HangsUpOnStarttls => return Ok(false),
                Manner::SilentOnStarttls => hold(&mut peer.stream).await?,
                Manner::InjectsAfter220 => {
                    peer.say(b"220 go on\r\n250 INJECTED\r\n").await?;
                    return Ok(true);
                }
                _ => {
                    peer.say(b"220 go on\r\n").await?;
                    return Ok(true);
                }
            },
            "QUIT" if manner == Manner::SilentOnQuit => hold(&mut peer.stream).await?,
            "QUIT" => {
                peer.part().await?;
                return Ok(false);
            }
            _ => peer.say(b"502 what?\r\n").await?,
        }
    }
    Ok(false)
}

fn extensions(manner: Manner, name: &str) -> Option<Vec<u8>> {
    let offer = match manner {
        Manner::SilentAfterGreeting => return None,
        Manner::HeloOnly => return Some(b"502 HELO is enough\r\n".to_vec()),
        Manner::AnswersEhlo(code) => return Some(format!("{code} no\r\n").into_bytes()),
        Manner::NoStarttls => "8BITMIME",
        Manner::Stripped => "XXXXXXXA",
        Manner::LowerCase => "starttls",
        _ => "STARTTLS",
    };
    let reply = format!("250-{name}\r\n250-SIZE 1000000\r\n250 {offer}\r\n");
    Some(reply.into_bytes())
}
