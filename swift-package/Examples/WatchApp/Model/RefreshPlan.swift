import Backhaul
import Foundation

extension Plan {
    /// What pulling the list down asks for: the feed, and then the picture of the day. It goes on without the app
    /// being alive (rule L6), and a feed that cannot be had spares the picture. Enqueued again while it is under way,
    /// it is the same plan (rule L5).
    static func refresh(from server: URL) throws -> Plan {
        var plan = Plan()
        let feed = plan.add(try Download.feed.request(from: server))
        plan.add(try Download.cover.request(from: server), after: [feed])
        return plan
    }
}
