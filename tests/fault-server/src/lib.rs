//! A scriptable HTTP server on loopback that misbehaves by path.
//!
//! It serves [objects](Object) at `/o/NAME` as a good server does (ranges, validators, keep-alive,
//! HTTP/2), until a [fault](Fault) is asked for: by a script of the test, or by the query of a request.
//! It must never be wrong by accident: whatever it does wrong was asked for, and is in the log's reach.
//!
//! ```
//! use backhaul_fault_server::{Fault, FaultServer, Object};
//!
//! let server = FaultServer::start()?;
//! server.put("a.bin", Object::generated(7, 10_000_000));
//! server.script("a.bin", vec![Fault::ResetAfter(4_000_000), Fault::IgnoreRange]);
//! // … download server.object_url("a.bin"): cut in the middle, then a 200 to its range …
//! # std::io::Result::Ok(())
//! ```
//!
//! From another process: `/o/a.bin?fault=reset-after&bytes=4000000`; the names are in [`Fault`].
//! `?rate=BYTES_PER_SECOND` and `?delay_ms=` go with every request, and
//! `PUT /o/a.bin?size=BYTES&seed=N` puts generated content in an object's place; with a fault, that is what
//! its next answer gets. Without a size the object stays as it is.
//!
//! From request to answer: [`answer`] picks object and fault, [`honest`] makes the right answer or
//! [`instead`] another one, [`bend`] makes it wrong, and [`http1`] or [`http2`] sends it.
#![allow(
    rustdoc::private_intra_doc_links,
    reason = "a map for readers of the source"
)]

mod accept;
mod answer;
mod bend;
mod content;
mod endpoint;
mod fault;
mod fault_query;
mod gzip;
mod honest;
mod http1;
mod http1_read;
mod http2;
mod instead;
mod object;
mod pace;
mod range;
mod reply;
mod request;
mod server;
mod state;
mod tls;

pub use fault::{Fault, RetryAfter};
pub use object::Object;
pub use server::{FaultServer, FaultServerBuilder};
pub use state::{LoggedRequest, MAX_LOGGED_REQUESTS, ServerState};
