//! The server: a thread with an event loop, a handler, and what it remembers.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio_rustls::TlsAcceptor;
use url::Url;

use super::auth::Auth;
use super::fault::{Fault, FaultKind};
use super::files;
use super::message::{Recorded, Request, Response};
use super::tls::Tls;
use super::wire::{Body, plain, wire};

type Handler = dyn Fn(&Request) -> Response + Send + Sync;

/// An HTTP/1.1 server on 127.0.0.1, plain or with TLS, with a port of the system's choice, on a thread of its own. It stops
/// when dropped.
///
/// A request is first recorded, then meets the faults (first match in the order they were added), then the
/// demand for credentials, then the handler.
pub struct HttpServer {
    address: SocketAddr,
    certificate: Option<String>,
    state: Arc<State>,
    stop: Option<oneshot::Sender<Infallible>>,
    thread: Option<JoinHandle<()>>,
}

struct State {
    handler: Box<Handler>,
    faults: Mutex<Vec<Fault>>,
    auth: Mutex<Option<Auth>>,
    log: Mutex<Vec<Recorded>>,
}

impl HttpServer {
    /// Serves what `handler` answers.
    pub fn start(handler: impl Fn(&Request) -> Response + Send + Sync + 'static) -> Self {
        Self::start_as(None, |_| handler)
    }

    /// Serves what `handler` answers, over TLS with a certificate for `127.0.0.1` and `localhost` from an authority of
    /// its own: see [`certificate`](Self::certificate).
    pub fn start_tls(handler: impl Fn(&Request) -> Response + Send + Sync + 'static) -> Self {
        Self::start_as(Some(Tls::new()), |_| handler)
    }

    /// Plain or with TLS, for a handler that must know the server's address.
    pub(crate) fn start_as<H>(tls: Option<Tls>, make_handler: impl FnOnce(SocketAddr) -> H) -> Self
    where
        H: Fn(&Request) -> Response + Send + Sync + 'static,
    {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("the port");
        let state = Arc::new(State {
            handler: Box::new(make_handler(address)),
            faults: Mutex::default(),
            auth: Mutex::default(),
            log: Mutex::default(),
        });
        let (stop, stopped) = oneshot::channel();
        let (certificate, acceptor) = tls.map(|tls| (tls.authority, tls.acceptor)).unzip();
        let thread = std::thread::spawn({
            let state = state.clone();
            move || run(listener, acceptor, &state, stopped)
        });
        Self { address, certificate, state, stop: Some(stop), thread: Some(thread) }
    }

    /// Serves the files below a folder.
    pub fn serve_dir(root: impl Into<PathBuf>) -> Self {
        let root = root.into();
        Self::start(move |request| files::serve(&root, request))
    }

    /// Address and port.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `http://127.0.0.1:PORT/`, or `https` with TLS.
    pub fn url(&self) -> Url {
        let scheme = if self.certificate.is_some() { "https" } else { "http" };
        Url::parse(&format!("{scheme}://{}/", self.address)).expect("an address makes a URL")
    }

    /// The authority's certificate in PEM, which a client must trust; panics for a plain server.
    pub fn certificate(&self) -> &str {
        self.certificate.as_deref().expect("the server was started with TLS")
    }

    /// Demands credentials from now on.
    pub fn require(&self, auth: Auth) -> &Self {
        *self.state.auth.lock().unwrap() = Some(auth);
        self
    }

    /// Adds a failure.
    pub fn fail(&self, fault: Fault) -> &Self {
        self.state.faults.lock().unwrap().push(fault);
        self
    }

    /// All requests so far.
    pub fn requests(&self) -> Vec<Recorded> {
        self.state.log.lock().unwrap().clone()
    }

    /// All requests so far, one a line: `GET /linux-64/repodata.json 200`. Sorted where `sorted`, since
    /// clients that ask for several things at once have no order.
    pub fn log(&self, sorted: bool) -> String {
        let mut lines: Vec<_> = self.requests().iter().map(|recorded| format!("{recorded}\n")).collect();
        if sorted {
            lines.sort();
        }
        lines.concat()
    }

    /// Forgets the requests so far.
    pub fn clear_log(&self) {
        self.state.log.lock().unwrap().clear();
    }
}

impl Drop for HttpServer {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A handler that panicked has said so itself.
            let _ = thread.join();
        }
    }
}

fn run(
    listener: std::net::TcpListener,
    tls: Option<TlsAcceptor>,
    state: &Arc<State>,
    stopped: oneshot::Receiver<Infallible>,
) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("an event loop");
    listener.set_nonblocking(true).expect("a nonblocking listener");
    runtime.block_on(async {
        let listener = TcpListener::from_std(listener).expect("the listener joins the loop");
        tokio::select! {
            () = accept(listener, tls, state) => {}
            _ = stopped => {}
        }
    });
}

async fn accept(listener: TcpListener, tls: Option<TlsAcceptor>, state: &Arc<State>) {
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        let (state, tls) = (state.clone(), tls.clone());
        tokio::spawn(async move {
            match tls {
                None => serve(stream, state).await,
                // A client that does not trust us ends here, which is what its test wants to see.
                Some(tls) => {
                    if let Ok(stream) = tls.accept(stream).await {
                        serve(stream, state).await;
                    }
                }
            }
        });
    }
}

async fn serve(stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static, state: Arc<State>) {
    let service = service_fn(move |request| {
        let state = state.clone();
        async move { state.answer(request).await }
    });
    // A client that hangs up, or one we cut off, is no failure of the test.
    let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

/// The way to end a connection without an answer.
type Answer = Result<hyper::Response<Body>, std::io::Error>;

impl State {
    async fn answer(&self, request: hyper::Request<Incoming>) -> Answer {
        let (head, body) = request.into_parts();
        let fault = self.next_fault(head.method.as_str(), head.uri.path()).map(|fault| fault.kind);
        let limit = if let Some(FaultKind::BreakOff(bytes)) = fault { Some(bytes) } else { None };
        let request = plain(head, body, limit).await?;
        if let Some(FaultKind::Disconnect | FaultKind::BreakOff(_)) = fault {
            if request.broken {
                self.serve(&request);
            }
            self.record(request, 0);
            return Err(std::io::ErrorKind::ConnectionAborted.into());
        }
        let response = match fault {
            Some(FaultKind::Answer(response)) => response,
            Some(FaultKind::Cut(bytes)) => self.serve(&request).cut_after(bytes),
            Some(FaultKind::Corrupt) => {
                let mut response = self.serve(&request);
                response.body.iter_mut().take(1).for_each(|byte| *byte ^= 0xff);
                response
            }
            Some(FaultKind::Delay(time)) => {
                tokio::time::sleep(time).await;
                self.serve(&request)
            }
            Some(FaultKind::Disconnect | FaultKind::BreakOff(_)) | None => self.serve(&request),
        };
        let head = request.method == "HEAD";
        self.record(request, response.status);
        Ok(wire(response, head))
    }

    fn serve(&self, request: &Request) -> Response {
        let auth = self.auth.lock().unwrap().clone();
        match auth.map_or_else(|| Ok(request.clone()), |auth| auth.admit(request.clone())) {
            Ok(request) => (self.handler)(&request),
            Err(refusal) => refusal,
        }
    }

    fn next_fault(&self, method: &str, path: &str) -> Option<Fault> {
        let mut faults = self.faults.lock().unwrap();
        let fault = faults.iter_mut().find(|fault| fault.matches(method, path))?;
        fault.left -= 1;
        Some(fault.clone())
    }

    fn record(&self, request: Request, status: u16) {
        self.log.lock().unwrap().push(Recorded { request, status });
    }
}
