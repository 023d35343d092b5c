//! The instances: started, asked, killed.

use std::process::Stdio;
use std::str::FromStr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use anyhow::{Context as _, Result, anyhow};
use reqwest::Client;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use crate::made::Said;

/// A kind of instance: a language, and the program with its arguments.
#[derive(Clone, Debug)]
pub struct Kind {
    /// Its name, for people.
    pub name: String,
    /// The program and its arguments.
    pub command: Vec<String>,
}

impl FromStr for Kind {
    type Err = anyhow::Error;

    /// Reads a JSON list: the name, the program, its arguments.
    fn from_str(text: &str) -> Result<Self> {
        let mut words: Vec<String> = serde_json::from_str(text)?;
        anyhow::ensure!(words.len() >= 2, "a name and a program");
        let command = words.split_off(1);
        Ok(Self {
            name: words.concat(),
            command,
        })
    }
}

#[derive(Default)]
struct Place {
    child: Option<Child>,
    /// Where it listens, while it lives.
    url: Option<String>,
}

/// All instances, by their place in the list of kinds.
pub struct Fleet {
    kinds: Vec<Kind>,
    environment: Vec<(&'static str, String)>,
    notices: String,
    client: Client,
    places: Mutex<Vec<Place>>,
}

impl Fleet {
    pub(crate) fn new(
        kinds: Vec<Kind>,
        environment: Vec<(&'static str, String)>,
        notices: String,
        client: Client,
    ) -> Self {
        let places = kinds.iter().map(|_| Place::default()).collect();
        Self {
            kinds,
            environment,
            notices,
            client,
            places: Mutex::new(places),
        }
    }

    fn places(&self) -> MutexGuard<'_, Vec<Place>> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many there are, dead ones too.
    pub fn len(&self) -> usize {
        self.kinds.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.kinds.is_empty()
    }

    /// Its name: a letter, and the language.
    pub fn name(&self, at: usize) -> String {
        let letter = ('A'..='Z').nth(at).unwrap_or('?');
        let kind = self.kinds.get(at).map_or("?", |kind| kind.name.as_str());
        format!("{letter} ({kind})")
    }

    /// Those that live.
    pub fn live(&self) -> Vec<usize> {
        let places = self.places();
        (0..places.len())
            .filter(|at| places.get(*at).is_some_and(|place| place.url.is_some()))
            .collect()
    }

    /// Starts one, and waits until it listens. Answers its process id.
    pub async fn start(&self, at: usize) -> Result<u32> {
        let kind = self.kinds.get(at).context("no such instance")?;
        let (program, arguments) = kind.command.split_first().context("no program")?;
        let mut child = Command::new(program)
            .args(arguments)
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .env("NOTICES_URL", format!("{}/{at}", self.notices))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot start {program}"))?;
        let output = child.stdout.take().context("its standard output")?;
        let mut lines = BufReader::new(output).lines();
        let url = loop {
            let line = lines.next_line().await?;
            let line = line.with_context(|| format!("{} ended at once", self.name(at)))?;
            if let Some(url) = line.strip_prefix("listening on ") {
                break url.to_owned();
            }
        };
        // Read on, so that it can write.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        let id = child.id().context("it ended at once")?;
        if let Some(place) = self.places().get_mut(at) {
            *place = Place {
                child: Some(child),
                url: Some(url),
            };
        }
        Ok(id)
    }

    /// Kills one with `SIGKILL`, in whatever it does. Answers the process id that it had.
    pub async fn kill(&self, at: usize) -> Result<u32> {
        let child = self.places().get_mut(at).and_then(|place| {
            place.url = None;
            place.child.take()
        });
        let mut child = child.context("it doesn't live")?;
        let id = child.id().context("it ended by itself")?;
        child.kill().await?;
        Ok(id)
    }

    /// Has all end by themselves, and waits for that.
    pub async fn stop(&self) -> Result<()> {
        for at in 0..self.len() {
            let child = self.places().get_mut(at).and_then(|place| {
                place.url = None;
                place.child.take()
            });
            if let Some(mut child) = child {
                drop(child.stdin.take());
                child.wait().await?;
            }
        }
        Ok(())
    }

    fn url(&self, at: usize, path: &str) -> Result<String> {
        let places = self.places();
        let url = places.get(at).and_then(|place| place.url.as_ref());
        url.map(|url| format!("{url}{path}"))
            .ok_or_else(|| anyhow!("{} doesn't live", self.name(at)))
    }

    /// Hands it a webhook. Answers the status that it answered; errors if it died before.
    pub(crate) async fn webhook(&self, at: usize, body: Vec<u8>) -> Result<u16> {
        let request = self.client.post(self.url(at, "/webhooks")?).body(body);
        Ok(request.send().await?.status().as_u16())
    }

    /// Has it send something. Answers the status and what it said; errors if it died before.
    pub async fn send(&self, at: usize, plan: &str, reference: &str) -> Result<(u16, Value)> {
        let plan: Value = serde_json::from_str(plan)?;
        let body = serde_json::json!({ "plan": plan, "reference": reference });
        self.post(at, "/send", &body).await
    }

    /// Tells it what a person found out of an operation. Answers the status and what it said.
    pub async fn say(&self, at: usize, reference: &str, said: Said) -> Result<(u16, Value)> {
        let body = serde_json::json!({ "reference": reference, "said": said.as_str() });
        self.post(at, "/say", &body).await
    }

    async fn post(&self, at: usize, path: &str, body: &Value) -> Result<(u16, Value)> {
        let request = self.client.post(self.url(at, path)?).json(body);
        let response = request.send().await?;
        Ok((response.status().as_u16(), response.json().await?))
    }

    /// Asks any that lives.
    pub async fn ask(&self, path: &str) -> Result<Value> {
        let at = self.live().into_iter().next().context("none lives")?;
        let response = self.client.get(self.url(at, path)?).send().await?;
        Ok(response.error_for_status()?.json().await?)
    }
}
