internal import BackhaulGenerated
import Foundation

/// The system's own transfer service, for a session with these settings; nil where there is none.
func makeSystemTransport(
    configuration: SessionSettings,
    identifier: String?,
    container: URL
) -> (any BackhaulGenerated.PlatformTransport)? {
    nil
}
