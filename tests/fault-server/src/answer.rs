//! From a request to an answer: which object, which fault, what is logged.

use crate::fault::Fault;
use crate::fault_query::Query;
use crate::instead::Site;
use crate::object::Object;
use crate::reply::Reply;
use crate::request::Request;
use crate::state::{LoggedRequest, Shared};
use crate::{bend, honest, instead};
use std::time::SystemTime;

/// Where objects are.
const OBJECTS: &str = "/o/";
/// Where they are without faults: what redirects lead to.
const TARGETS: &str = "/t/";

/// An answer, and whether a client that waits for a 100 is sent one first.
pub(crate) struct Answer {
    pub(crate) reply: Reply,
    pub(crate) sends_continue: bool,
}

/// Decides on the answer and logs the request.
pub(crate) fn answer(shared: &Shared, scheme: &str, request: &Request) -> Answer {
    let path = request.path();
    let name = path
        .strip_prefix(OBJECTS)
        .or_else(|| path.strip_prefix(TARGETS))
        .map(str::to_owned);
    let (reply, fault) = match &name {
        Some(name) => for_object(shared, scheme, request, name),
        None => (
            Reply::text(404, "text/plain", "no such path\n"),
            Fault::None,
        ),
    };
    let mut reply = reply.with("Date", httpdate::fmt_http_date(SystemTime::now()));
    if request.is_head() {
        reply = reply.without_body();
    }
    let logged = LoggedRequest {
        method: request.method.clone(),
        path: path.to_owned(),
        name,
        headers: request.headers.clone(),
        range: request.header("range").map(str::to_owned),
        if_range: request.header("if-range").map(str::to_owned),
        status: reply.status,
        http_version: request.version,
    };
    shared.change(|state| state.log(logged));
    Answer {
        reply,
        sends_continue: fault != Fault::NoContinue,
    }
}

fn for_object(shared: &Shared, scheme: &str, request: &Request, name: &str) -> (Reply, Fault) {
    let query = Query::parse(request.query());
    let fault = match query.fault() {
        Ok(_) if request.path().starts_with(TARGETS) => Fault::None,
        Ok(Some(fault)) => fault,
        Ok(None) => shared.change(|state| state.take_fault(name)),
        Err(mistake) => return (bad_request(&mistake), Fault::None),
    };
    if request.method == "PUT" {
        return (put(shared, &query, name, &fault), fault);
    }
    let object = shared.state().objects.get(name).cloned();
    let len = object.as_ref().map_or(0, Object::len);
    let host = request.header("host").unwrap_or("127.0.0.1");
    let site = Site { scheme, host };
    let mut reply = match (instead::reply(&fault, request, &site, name, len), object) {
        (Some(reply), _) => reply,
        (None, None) => Reply::text(404, "text/plain", "no such object\n"),
        (None, Some(object)) => {
            let object = bend::object(&fault, object);
            let mut reply = honest::reply(request, name, &object, &fault, shared.next_answer());
            bend::range(&fault, &mut reply, object.len());
            bend::body(&fault, &mut reply);
            reply
        }
    };
    bend::head(&fault, &mut reply);
    match pace(&query, &mut reply) {
        Ok(()) => (reply, fault),
        Err(mistake) => (bad_request(&mistake), Fault::None),
    }
}

/// `?rate=` and `?delay_ms=`, which go with every fault.
fn pace(query: &Query, reply: &mut Reply) -> Result<(), String> {
    reply.rate = query.number("rate")?.or(reply.rate);
    reply.delay_ms = query.number("delay_ms")?.unwrap_or(reply.delay_ms);
    Ok(())
}

/// Puts generated content of `?seed=` and `?size=` in the object's place, for other processes. A fault is that of
/// its next answer; without a size the object stays, and only the fault is new.
fn put(shared: &Shared, query: &Query, name: &str, fault: &Fault) -> Reply {
    let object = (|| match (query.number("size")?, query.number("seed")?) {
        (Some(size), seed) => Ok(Object::generated(seed.unwrap_or(0), size)),
        (None, None) if *fault != Fault::None => {
            let object = shared.state().objects.get(name).cloned();
            object.ok_or_else(|| format!("there is no object {name}: give its size"))
        }
        (None, _) => Err("size is missing".to_owned()),
    })();
    match object {
        Ok(object) => {
            let script = [fault].into_iter().filter(|f| **f != Fault::None).cloned();
            shared.change(|state| {
                state.objects.insert(name.to_owned(), object);
                state.set_script(name, script.collect());
            });
            Reply::text(201, "text/plain", "put\n")
        }
        Err(mistake) => bad_request(&mistake),
    }
}

fn bad_request(mistake: &str) -> Reply {
    Reply::text(400, "text/plain", format!("{mistake}\n"))
}
