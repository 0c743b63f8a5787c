//! What strangers may get from us, each number with its reason.

use std::time::Duration;

/// A number that an operator may set: a floor, a default, a ceiling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The least.
    pub floor: u32,
    /// What is used when nothing is said.
    pub usual: u32,
    /// The most. The lab, which has no strangers, has no ceiling.
    pub ceiling: u32,
}

impl Span {
    /// Whether a number is allowed.
    pub fn allows(self, number: u32) -> bool {
        (self.floor..=self.ceiling).contains(&number)
    }
}

/// New connections per second in all: what one machine behind one line can answer complaints for.
pub const RATE: Span = Span {
    floor: 1,
    usual: 50,
    ceiling: 1_000,
};
/// New connections per second to one operator, and to one /24 or /56: an order below what mail
/// servers get from a single large sender.
pub const OPERATOR_RATE: Span = Span {
    floor: 1,
    usual: 2,
    ceiling: 20,
};
/// Connections open at a time to one /24 or /56.
pub const PREFIX_OPEN: Span = Span {
    floor: 1,
    usual: 4,
    ceiling: 16,
};
/// Connections open at a time in all: bounded by descriptors and memory, some 15 KB each.
pub const OPEN: Span = Span {
    floor: 1,
    usual: 1_000,
    ceiling: 30_000,
};
/// DNS queries per second to one resolver: what a small resolver of one's own answers beside its
/// other work.
pub const DNS_RATE: Span = Span {
    floor: 1,
    usual: 500,
    ceiling: 50_000,
};
/// Domains that the DNS is asked about at a time. Each has a question or two under way; resolvers
/// drop what waits too long in their queues.
pub const IN_FLIGHT: Span = Span {
    floor: 1,
    usual: 100,
    ceiling: 10_000,
};
/// New connections to one address and port within the window. Fail2ban's aggressive Postfix rule
/// bans at five matching lines in ten minutes.
pub const IN_WINDOW: u32 = 3;
/// New connections to one address and port in a survey of standard depth.
pub const IN_SURVEY: u32 = 5;
/// What comes on top of that for asking once more: a negative that costs somebody, a second
/// certificate.
pub const EXTRA: u32 = 2;
/// Bare hellos to one address and port that a deep survey adds to that.
pub const DEEP: u32 = 60;
/// Windows that they are spread over: six hours.
const DEEP_WINDOWS: u32 = 36;
/// New connections to one port for mail clients, in the whole survey: the handshake with everything
/// that is said under it, and one hello.
pub const CLIENT_PORT: u32 = 2;
/// The window, in seconds; only the lab may make it shorter.
pub const WINDOW: Span = Span {
    floor: 600,
    usual: 600,
    ceiling: 86_400,
};

/// How long somebody who does not wait lets a connection be put off: longer than rates ask for, and
/// shorter than any window.
const PATIENCE: Duration = Duration::from_secs(8);

/// New HTTPS connections per second to one address. There is no total: one address of a content
/// network may serve the policies of thousands of domains, each under a name of its own.
pub const HTTPS_RATE: Span = Span {
    floor: 1,
    usual: 1,
    ceiling: 5,
};

/// New HTTPS connections per second to one operator: web servers are made for more than mail servers
/// are. Where the operator table has less, that counts.
pub const HTTPS_OPERATOR_RATE: Span = Span {
    floor: 1,
    usual: 5,
    ceiling: 20,
};

/// Days between two surveys of the same list: what the same servers get from us in a week is what
/// they get in one survey. 0 is for those who know better.
pub const MIN_INTERVAL: Span = Span {
    floor: 0,
    usual: 7,
    ceiling: 366,
};

/// The limits in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// New connections per second in all.
    pub rate: u32,
    /// New connections per second to one operator.
    pub operator_rate: u32,
    /// New connections per second to one /24 or /56.
    pub prefix_rate: u32,
    /// Connections open at a time to one /24 or /56.
    pub prefix_open: u32,
    /// Connections open at a time in all.
    pub open: u32,
    /// New connections to one address and port within `window`.
    pub in_window: u32,
    /// See `in_window`. Addresses that are one machine share what it allows.
    pub window: Duration,
    /// New connections to one address and port in the whole survey.
    pub in_survey: u32,
    /// What comes on top of `in_survey` for asking once more.
    pub extra: u32,
    /// How long an operator that puts us off is paused at first.
    pub pause: Duration,
    /// Windows are kept longer by this: between the moment that one counts from and the packet lies
    /// a system call, and wall clocks are set.
    pub margin: Duration,
    /// New HTTPS connections per second to one address.
    pub https_rate: u32,
    /// New HTTPS connections per second to one operator.
    pub https_operator_rate: u32,
    /// How much longer than `window` connections of earlier stages and processes count: their window
    /// may have been longer.
    pub aftermath: Duration,
    /// How far away the next connection to somebody may be: who would have to wait longer is done
    /// with, for want of budget.
    pub patience: Duration,
}

impl Limits {
    /// The limits for HTTPS, with what holds for everything we open: the total, and what one /24 or
    /// /56 gets.
    pub fn https(&self) -> Self {
        Self {
            operator_rate: self.https_operator_rate,
            in_window: self.https_rate,
            window: Duration::from_secs(1),
            margin: Duration::from_millis(50),
            in_survey: u32::MAX,
            extra: 0,
            ..self.clone()
        }
    }

    /// The limits for ports that mail clients use: as for mail servers, but fewer in all. Ports that
    /// show the same key share one window.
    pub fn clients(&self) -> Self {
        Self {
            in_survey: CLIENT_PORT,
            extra: 0,
            ..self.clone()
        }
    }

    /// The same limits for somebody who does not wait until a window is over.
    pub fn without_waiting(&self) -> Self {
        Self {
            patience: PATIENCE,
            ..self.clone()
        }
    }

    /// The same limits for somebody who asks no mail server.
    pub fn without_mail(&self) -> Self {
        Self {
            in_survey: 0,
            extra: 0,
            ..self.clone()
        }
    }

    /// The limits of the deep part of a survey: on top of what the rest of it may use, one connection
    /// at a time, evenly spread.
    pub fn deep(&self) -> Self {
        let window = self.window * DEEP_WINDOWS / (DEEP - 1);
        Self {
            in_window: 1,
            window,
            margin: self.margin.min(window / 20),
            aftermath: self.window.saturating_sub(window),
            // A healthy server was dialled three times before.
            in_survey: DEEP + self.in_window,
            extra: 0,
            ..self.clone()
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            rate: RATE.usual,
            operator_rate: OPERATOR_RATE.usual,
            prefix_rate: OPERATOR_RATE.usual,
            prefix_open: PREFIX_OPEN.usual,
            open: OPEN.usual,
            in_window: IN_WINDOW,
            window: Duration::from_secs(u64::from(WINDOW.usual)),
            in_survey: IN_SURVEY,
            extra: EXTRA,
            pause: Duration::from_secs(u64::from(WINDOW.usual)),
            margin: Duration::from_secs(1),
            https_rate: HTTPS_RATE.usual,
            https_operator_rate: HTTPS_OPERATOR_RATE.usual,
            aftermath: Duration::ZERO,
            patience: Duration::MAX,
        }
    }
}
