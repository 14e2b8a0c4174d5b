import Backhaul
import Foundation
import WatchAppContent

/// Something that the app downloads. It travels with its task as metadata, so that a later process knows what came.
enum Download: Codable, Sendable, Hashable {
    /// The feed, asked for by the user.
    case feed
    /// The feed, asked for in advance.
    case nextFeed
    /// The picture of the day.
    case cover
    /// The picture of a postcard.
    case picture(Postcard)

    /// The app's own name for the task: the same download is under way once (rule L5).
    var callerID: String {
        switch self {
        case .feed: "feed"
        case .nextFeed: "next feed"
        case .cover: "cover"
        case .picture(let postcard): "picture \(postcard.id)"
        }
    }

    var title: String {
        switch self {
        case .feed: "Postcards"
        case .nextFeed: "Next postcards"
        case .cover: "Picture of the day"
        case .picture(let postcard): postcard.title
        }
    }

    /// Below the folder on the server.
    private var source: String {
        switch self {
        case .feed, .nextFeed: "feed.json"
        case .cover: "cover"
        case .picture(let postcard): postcard.picture.path
        }
    }

    /// Below the folder that the app shares with its widget. A feed is looked at before the widget sees it.
    private var path: String {
        switch self {
        case .feed: "incoming/feed.json"
        case .nextFeed: "incoming/next-feed.json"
        case .cover: PostcardStore.coverPath
        case .picture(let postcard): PostcardStore.picturePath(of: postcard.id)
        }
    }
}

// MARK: - As a request

extension Download {
    /// The name of the base directory that destinations lie in (rule D5).
    static let base = "content"

    func request(from server: URL) throws -> Request {
        var request = Request(url: server.appendingPathComponent(source))
        request.destination = Destination(base: Download.base, path: path)
        request.callerID = callerID
        try request.encodeMetadata(DownloadNote(download: self))
        if case .picture(let postcard) = self {
            // A large one waits for the charger, and says so before the first byte (rule P8).
            request.countOfBytesClientExpectsToReceive = postcard.picture.bytes
            request.expectedDigest = .sha256(postcard.picture.sha256)
            request.priority = 0.25
        }
        return request
    }
}
