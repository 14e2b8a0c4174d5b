//! A scriptable HTTP server on loopback that misbehaves by path.
