//! nginx on loopback, for one topic: started by hand with a configuration of its own, one process
//! that is killed at the end. It must never touch the machine's own nginx.

use crate::Failure;
use crate::certificate::{self, Files};
use crate::process::Owned;
use crate::workbench::{Workbench, text};
use std::fs;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// How long it may take to answer.
const START_LIMIT: Duration = Duration::from_secs(10);

/// A running server.
pub struct Nginx {
    _process: Owned,
    /// Its configuration and files; removed after the process has ended.
    _place: TempDir,
    /// Where the served files are.
    pub files: PathBuf,
    port: u16,
    tls: Option<Files>,
}

impl Nginx {
    /// Over plain http.
    pub fn http(bench: &Workbench) -> Result<Self, Failure> {
        Self::start(bench, false)
    }

    /// Over TLS 1.3.
    pub fn tls(bench: &Workbench) -> Result<Self, Failure> {
        Self::start(bench, true)
    }

    fn start(bench: &Workbench, with_tls: bool) -> Result<Self, Failure> {
        let place = bench.place()?;
        let folder = place.path();
        let files = folder.join("files");
        fs::create_dir(&files)?;
        let tls = with_tls.then(|| certificate::make(folder)).transpose()?;
        let port = free_port()?;
        let configuration = folder.join("nginx.conf");
        fs::write(&configuration, configure(folder, port, tls.as_ref()))?;
        let errors = text(&folder.join("errors.log"));
        let process = Command::new("nginx")
            .args(["-e", &errors, "-p", &text(folder)])
            .args(["-c", &text(&configuration)])
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("nginx: {error}"))?;
        let mut process = Owned(process);
        let began = Instant::now();
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
            if began.elapsed() > START_LIMIT || process.0.try_wait()?.is_some() {
                return Err(format!("nginx: {}", fs::read_to_string(&errors)?).into());
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(Self {
            _process: process,
            _place: place,
            files,
            port,
            tls,
        })
    }

    /// The address of a served file.
    pub fn url(&self, file: &str) -> String {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        format!("{scheme}://127.0.0.1:{}/{file}", self.port)
    }

    /// `--cacert FILE`, which curl and ours both have; nothing over plain http.
    pub fn trust(&self) -> Vec<String> {
        let file = self.tls.as_ref().map(|files| text(&files.authority));
        file.map_or(Vec::new(), |file| vec!["--cacert".to_owned(), file])
    }
}

/// Somebody else may take it before nginx does, which then says so.
fn free_port() -> Result<u16, Failure> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    Ok(listener.local_addr()?.port())
}

/// One process only: its parent can then kill it without leaving workers behind.
fn configure(folder: &Path, port: u16, tls: Option<&Files>) -> String {
    let folder = folder.display();
    let (listen, tls) = match tls {
        None => (String::new(), String::new()),
        Some(files) => (
            " ssl".to_owned(),
            format!(
                "ssl_protocols TLSv1.3; ssl_certificate {}; ssl_certificate_key {};",
                files.certificate.display(),
                files.key.display()
            ),
        ),
    };
    let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|kind| format!("  {kind}_temp_path {folder}/{kind};\n"))
        .concat();
    format!(
        "daemon off;
master_process off;
pid {folder}/nginx.pid;
events {{ worker_connections 256; }}
http {{
  access_log off;
  sendfile on;
  tcp_nopush on;
  keepalive_requests 100000;
{temporary}  server {{
    listen 127.0.0.1:{port}{listen};
    root {folder}/files;
    {tls}
  }}
}}
"
    )
}
