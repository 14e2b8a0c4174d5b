import Backhaul
import Foundation
import WatchAppContent

/// The list on the screen: what came, and what did not yet.
public struct PostcardList: Sendable, Hashable {
    /// The picture of the day.
    public internal(set) var cover: URL?
    /// The postcards of the feed, in the order of their dates.
    public internal(set) var postcards: [PostcardRow] = []
    /// The tasks that are under way or failed, in the order in which they were asked for.
    public internal(set) var tasks: [TaskRow] = []

    /// News of one task.
    mutating func update(_ row: TaskRow) {
        guard let index = tasks.firstIndex(where: { $0.id == row.id }) else { return tasks.append(row) }
        tasks[index] = row
    }
}

/// A postcard as one row of the list.
public struct PostcardRow: Sendable, Hashable, Identifiable {
    public let id: Postcard.ID
    public let title: String
    public let date: Date
    /// Nil until it has come.
    public let picture: URL?
}

extension Downloads {
    /// Reads it anew. Not on the main actor, which must not wait for a disk.
    func list(of session: Session) async throws -> PostcardList {
        var list = PostcardList()
        list.tasks = try await session.allTasks.map(TaskRow.init)
        list.postcards = try store.feed()?.postcards.map(row) ?? []
        list.cover = store.cover
        return list
    }

    private func row(_ postcard: Postcard) -> PostcardRow {
        PostcardRow(
            id: postcard.id, title: postcard.title, date: postcard.date, picture: store.picture(of: postcard))
    }
}
