//! A long path to a server on this machine: bytes take their time each way, and any number of them may
//! be on it.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

/// Bytes that are moved at a time.
const STEP_BYTES: usize = 256 * 1024;

/// Listens on a port of its own, and passes every connection on to `server`, each byte `delay` later. It
/// lasts as long as the process.
///
/// # Panics
/// If the system has no port or thread for it.
#[must_use]
pub fn to(server: u16, delay: Duration) -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for near in listener.incoming().flatten() {
            let Ok(far) = TcpStream::connect((Ipv4Addr::LOCALHOST, server)) else {
                continue;
            };
            for end in [&near, &far] {
                end.set_nodelay(true).unwrap();
            }
            let (back_from, back_to) = (far.try_clone().unwrap(), near.try_clone().unwrap());
            carry(near, far, delay);
            carry(back_from, back_to, delay);
        }
    });
    port
}

/// One way. The sleep is the path's length; nobody waits for it to have happened.
fn carry(mut from: TcpStream, mut to: TcpStream, delay: Duration) {
    let (sender, under_way) = mpsc::channel::<(Instant, Vec<u8>)>();
    thread::spawn(move || {
        let mut step = vec![0; STEP_BYTES];
        while let Ok(count @ 1..) = from.read(&mut step) {
            let arrival = Instant::now() + delay;
            if sender.send((arrival, step[..count].to_vec())).is_err() {
                break;
            }
        }
    });
    thread::spawn(move || {
        for (arrival, bytes) in under_way {
            thread::sleep(arrival.saturating_duration_since(Instant::now()));
            if to.write_all(&bytes).is_err() {
                break;
            }
        }
        // The other side may have closed it already.
        let _ = to.shutdown(Shutdown::Write);
    });
}
