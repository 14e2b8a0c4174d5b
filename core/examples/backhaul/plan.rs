//! What a `get` or an `enqueue` is asked for, checked to the last line before anything is written.

use backhaul::{Destination, Digest, Request};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::args::{Common, SourceArgs};
use crate::constraints::ConstraintArgs;
use crate::exit::{Failure, Outcome};
use crate::hosts::Hosts;
use crate::place;
use crate::source::{Item, Source};
use crate::wants::Wants;

/// Lines between two looks at the reading bar.
const LINES_PER_TICK: usize = 1024;

/// A checked order.
pub struct Plan {
    /// Its items.
    pub source: Source,
    /// Its destinations.
    pub wants: Wants,
    /// Where plain http is allowed.
    pub hosts: Hosts,
    digest: Option<Digest>,
    constraints: ConstraintArgs,
}

impl Plan {
    /// Reads everything once. Nothing is written but the folders of the files.
    pub fn read(args: &SourceArgs, constraints: &ConstraintArgs, common: &Common) -> Outcome<Plan> {
        let digest = args.sha256.as_deref().map(digest).transpose()?;
        let source = Source::open(args)?;
        let (mut wants, mut hosts) = (Wants::default(), Hosts::load(&common.container()));
        let bar = reading_bar(source.list_bytes());
        for (number, item) in source.items()?.enumerate() {
            let item = item?;
            place::below_base(&item.path)?;
            if !wants.add(&item) {
                let path = item.path.display();
                let message = format!(
                    "two URLs for {path}; give one of them another name, after a tab in a list"
                );
                return Err(Failure::usage(message));
            }
            hosts.add(&item.url)?;
            if number % LINES_PER_TICK == 0 {
                bar.set_position(item.read_bytes);
            }
        }
        bar.finish_and_clear();
        match &args.output {
            Some(output) => place::prepare_file(&place::absolute(output)?)?,
            None => place::prepare_folder(source.folder())?,
        }
        Ok(Plan {
            source,
            wants,
            hosts,
            digest,
            constraints: constraints.clone(),
        })
    }

    /// The request for an item. Its caller id is its destination: the same order, given again after a
    /// kill, finds the same task (rule L5).
    pub fn request(&self, item: &Item) -> Outcome<Request> {
        let path = place::below_base(&item.path)?;
        let request = Request::new(item.url.as_str())?
            .destination(Destination::in_base(place::BASE, path.as_str())?)
            .caller_id(path);
        let request = self.constraints.put_on(request);
        Ok(match &self.digest {
            Some(digest) => request.expected_digest(digest.clone()),
            None => request,
        })
    }
}

fn digest(hex: &str) -> Outcome<Digest> {
    Digest::sha256_hex(hex)
        .map_err(|wrong| Failure::usage(format!("--sha256: {wrong}; `sha256sum FILE` prints them")))
}

/// A bar for lists that take a while to read, on a terminal only.
fn reading_bar(list_bytes: Option<u64>) -> ProgressBar {
    let target = match list_bytes {
        Some(_) => ProgressDrawTarget::stderr(),
        None => ProgressDrawTarget::hidden(),
    };
    let bar = ProgressBar::with_draw_target(list_bytes, target);
    match ProgressStyle::with_template("reading the list {wide_bar} {bytes} of {total_bytes}") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exit::Exit;
    use clap::Parser;

    fn plan(folder: &std::path::Path, args: &[&str]) -> Outcome<Plan> {
        let container = folder.join("container");
        let root = container.to_str().unwrap();
        let line = [&["backhaul", "get", "--root", root], args].concat();
        match crate::args::Cli::try_parse_from(line).unwrap().command {
            crate::args::Command::Get(args) => {
                Plan::read(&args.source, &args.constraints, &args.common)
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn two_urls_for_one_destination_are_an_error_before_anything_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let list = folder.path().join("list");
        std::fs::write(&list, "https://h/a\tx\nhttps://h/b\tx\n").unwrap();
        let into = folder.path().join("new");
        let args = [
            "--from",
            list.to_str().unwrap(),
            "--into",
            into.to_str().unwrap(),
        ];
        let failure = plan(folder.path(), &args).err().unwrap();
        assert_eq!(failure.exit, Exit::Usage);
        assert!(!into.exists());
    }

    #[test]
    fn the_same_order_has_the_same_caller_id_from_any_folder() {
        // rule L5
        let folder = tempfile::tempdir().unwrap();
        let output = folder.path().join("a/../b.bin");
        let plan = plan(
            folder.path(),
            &["https://h/a", "--output", output.to_str().unwrap()],
        )
        .unwrap();
        let item = plan.source.items().unwrap().next().unwrap().unwrap();
        assert_eq!(item.path, folder.path().join("b.bin"));
        assert!(plan.request(&item).is_ok());
    }
}
