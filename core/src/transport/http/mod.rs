//! stub
use std::sync::Arc;
pub(crate) struct HttpTransport;
impl HttpTransport {
    pub fn new(
        _s: &crate::configuration::Settings,
        _r: tokio::runtime::Handle,
    ) -> crate::Result<HttpTransport> {
        Ok(HttpTransport)
    }
}
impl super::Transport for HttpTransport {
    fn capabilities(&self) -> super::Capabilities {
        Default::default()
    }
    fn attach(&self, _e: Arc<dyn super::TransferEvents>) {}
    fn start(&self, _t: super::Transfer) {}
    fn stop(&self, _i: super::TransferId) {}
    fn list(&self) {}
}
pub(crate) fn is_resumable(_p: &crate::files::PartPaths) -> bool {
    true
}
