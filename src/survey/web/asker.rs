//! Who asks web hosts: everything that a connection to one takes, whatever is asked for.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use super::{HTTPS, Host, Seen, heard, pace_of, user_agent};
use crate::error::Result;
use crate::pace::{Clearance, Owners, Pace, Rules, Target};
use crate::probe::https::{self, Exchange};
use crate::probe::tls;
use crate::survey::Context;
use crate::survey::chains::Known;
use crate::survey::traced::Traced;
use crate::survey::trust::Trust;
use crate::table::codes::ErrorCode;
use crate::trace;

/// What asking takes.
pub struct Asker {
    /// The budgets.
    pub pace: Arc<Pace>,
    /// Certificates that are in their table, or on the way there.
    pub known: Known,
    /// The stores that chains are judged by.
    pub trust: Arc<Trust>,
    /// Of connections to one mail server, for want of another measure of what is later.
    pub window: Duration,
    user_agent: String,
    client: Arc<tls::Client>,
    traced: Traced,
    owners: Owners,
    rules: Rules,
}

/// What is asked of a host.
pub struct Page {
    /// Where it stands.
    pub path: &'static str,
    /// Whether its content is wanted.
    pub wants_body: bool,
    /// Whether by HTTPS, or in the clear.
    pub is_secure: bool,
}

impl Asker {
    /// Who asks in this survey.
    ///
    /// # Errors
    /// When a table cannot be read.
    pub fn new(context: &Context<'_>, trust: Arc<Trust>, rules: Rules) -> Result<Self> {
        Ok(Self {
            pace: pace_of(context, rules.clone()),
            known: Known::read(context)?,
            trust,
            window: context.settings.limits.window,
            user_agent: user_agent(context.settings),
            client: Arc::default(),
            traced: Traced::hosts(context)?,
            owners: context.tables.owners.clone(),
            rules,
        })
    }

    /// Why a host is not to be asked at an address after all.
    pub fn forbids(&self, host: &Host, ip: IpAddr) -> Option<ErrorCode> {
        let is_spared = host.is_spared(&self.rules.excluded());
        let spared = is_spared.then_some(ErrorCode::Excluded);
        self.rules.forbids(ip).or(spared)
    }

    /// Asks for a page over a connection. None when a stop came before that was there.
    pub fn get(
        &self,
        clearance: Clearance,
        host: &Host,
        page: Page,
    ) -> impl Future<Output = Option<Exchange>> + Send + 'static {
        let names = [host.name.as_str()].into_iter();
        let trace = self.traced.of_address(clearance.address(), names);
        let plan = https::Plan {
            host: host.name.clone(),
            path: page.path,
            user_agent: self.user_agent.clone(),
            wants_body: page.wants_body,
            patience: https::Patience::default(),
        };
        let client = page.is_secure.then(|| self.client.clone());
        let get = async move { https::get(clearance, &plan, client.as_deref()).await };
        trace::scope(trace, get)
    }

    /// What was seen at a target; tells the budgets how it received us.
    pub fn seen<T>(&self, target: &Target<T>, exchange: Exchange) -> Seen {
        self.pace.heard(&target.operator, heard(&exchange));
        Seen {
            ip: Some(target.address.ip()),
            operator: Some(target.operator.clone()),
            exchange,
        }
    }

    /// Who answers for an address of a host.
    pub fn operator(&self, host: &Host, ip: IpAddr) -> Arc<str> {
        host.operator(ip, &self.owners)
    }

    /// Hosts that can be dialled, and those that cannot, each with what is to be known of it.
    pub fn targets<T>(&self, hosts: Vec<Host>, load: fn(Host) -> T) -> (Vec<Target<T>>, Vec<T>) {
        let (mut targets, mut others) = (Vec::new(), Vec::new());
        for host in hosts {
            match host.address(0, HTTPS) {
                Some(address) => targets.push(Target {
                    address,
                    operator: self.operator(&host, address.ip()),
                    extra: false,
                    more: 0,
                    load: load(host),
                }),
                None => others.push(load(host)),
            }
        }
        (targets, others)
    }
}
