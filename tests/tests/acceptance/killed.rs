//! `get` of a large file, killed three times, ends with the right digest; with the object replaced
//! before each new start, it ends with the new object's.

use backhaul_fault_server::{Fault, Object};
use backhaul_tests::process::check::{assert_is, assert_no_parts};

use crate::host::{Host, code, part_bytes};

const FILE_BYTES: u64 = 24_000_000;
const RATE_BYTES_PER_SECOND: u64 = 24_000_000;
/// What comes in each of the three launches that are killed.
const UNTIL_KILL_BYTES: u64 = 5_000_000;
const KILLS: u64 = 3;

/// How a server describes its objects, and what it does with a resumption.
struct Server {
    describe: fn(Object) -> Object,
    fault: Fault,
    /// Whether what came before a kill may be kept.
    resumes: bool,
}

impl Server {
    fn object(&self, version: u64) -> Object {
        (self.describe)(Object::generated(version, FILE_BYTES))
    }

    /// The object stays; each launch goes on, if the server lets it.
    fn keeps_the_object(&self) {
        let host = self.host();
        for _ in 0..KILLS {
            host.get_killed("large.bin", UNTIL_KILL_BYTES);
        }
        let again = self.finish(&host, 1) - FILE_BYTES;
        println!("{again} bytes were sent again");
        if self.resumes {
            // How little is measured where nothing else runs beside it (kill_loss).
            let all = UNTIL_KILL_BYTES * KILLS;
            assert!(again <= all / 2, "{again} of {all} bytes were sent again");
        }
    }

    /// The object is another one of the same length after each kill.
    fn replaces_the_object(&self) {
        let host = self.host();
        for kill in 1..=KILLS {
            host.get_killed("large.bin", UNTIL_KILL_BYTES);
            assert!(
                part_bytes(&host.files()) > 0,
                "there is something to splice"
            );
            host.server.put("large.bin", self.object(1 + kill));
        }
        self.finish(&host, 1 + KILLS);
    }

    fn host(&self) -> Host {
        let host = Host::new();
        host.server.limit_rate(Some(RATE_BYTES_PER_SECOND));
        host.server.put("large.bin", self.object(1));
        host.server.always("large.bin", self.fault.clone());
        host
    }

    /// The last launch ends well, with this version. Bytes that were sent in all.
    fn finish(&self, host: &Host, version: u64) -> u64 {
        let ended = host.get("large.bin", &["--json"]).wait();
        assert_eq!(code(&ended), 0, "{ended:?}");
        assert_is(&host.files().join("large.bin"), &self.object(version));
        assert_no_parts(host.scratch.path());
        host.server.bytes_sent("large.bin")
    }
}

const STRONG: Server = Server {
    describe: |object| object,
    fault: Fault::None,
    resumes: true,
};
const WEAK: Server = Server {
    describe: |object| object.weak_etag(),
    fault: Fault::None,
    resumes: false,
};
const NONE: Server = Server {
    describe: |object| object.without_validators(),
    fault: Fault::None,
    resumes: false,
};
const EVERY_EDGE: Server = Server {
    describe: |object| object.etag_differs_at_every_answer(),
    fault: Fault::None,
    resumes: false,
};
const IGNORES_IF_RANGE: Server = Server {
    describe: |object| object,
    fault: Fault::IgnoreIfRange,
    resumes: true,
};
const IGNORES_RANGE: Server = Server {
    describe: |object| object,
    fault: Fault::IgnoreRange,
    resumes: false,
};
/// No validator, but a digest (RFC 9530) that judges the whole.
const DIGEST: Server = Server {
    describe: |object| object.without_validators().repr_digest(),
    fault: Fault::None,
    resumes: true,
};

#[test]
fn killed_three_times_with_a_strong_etag() {
    // rules S7, R2, D3
    STRONG.keeps_the_object();
}

#[test]
fn killed_three_times_without_a_strong_validator() {
    // rules R5, R7
    WEAK.keeps_the_object();
    NONE.keeps_the_object();
}

#[test]
fn killed_three_times_behind_edges_that_do_not_agree() {
    // rules R4, R7
    EVERY_EDGE.keeps_the_object();
}

#[test]
fn killed_three_times_on_a_server_without_ranges() {
    // rule R4
    IGNORES_RANGE.keeps_the_object();
}

#[test]
fn killed_three_times_with_a_digest_for_a_validator() {
    // rules R5, H6
    DIGEST.keeps_the_object();
}

#[test]
fn replaced_between_kills_with_a_strong_etag() {
    // rule R9
    STRONG.replaces_the_object();
}

#[test]
fn replaced_between_kills_with_a_weak_etag() {
    // rules R5, R9
    WEAK.replaces_the_object();
}

#[test]
fn replaced_between_kills_without_a_validator() {
    // rules R5, R9
    NONE.replaces_the_object();
}

#[test]
fn replaced_between_kills_behind_edges_that_do_not_agree() {
    // rules R4, R9
    EVERY_EDGE.replaces_the_object();
}

#[test]
fn replaced_between_kills_on_a_server_that_ignores_if_range() {
    // rules R3, R9
    IGNORES_IF_RANGE.replaces_the_object();
}

#[test]
fn replaced_between_kills_with_a_digest_for_a_validator() {
    // rules R5, R9, H6
    DIGEST.replaces_the_object();
}
