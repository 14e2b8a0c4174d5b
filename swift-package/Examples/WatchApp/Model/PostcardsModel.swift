import Backhaul
import Foundation
import Observation
import WatchAppContent

/// What the screens show. It keeps nothing that the session and the `PostcardStore` do not know: a new process shows
/// the same.
@MainActor @Observable
public final class PostcardsModel {
    /// What is under way and what failed, and what came.
    public private(set) var list = PostcardList()
    /// Why something that the user asked for cannot be done.
    public internal(set) var problem: String?

    @ObservationIgnored private var downloads: Downloads?
    @ObservationIgnored private var session: Session?

    func attach(_ downloads: Downloads, _ session: Session) {
        self.downloads = downloads
        self.session = session
    }

    /// Keeps the list up to date for as long as the screen is there: until the caller's task is cancelled.
    public func follow() async {
        async let events: Void = followEvents()
        async let reasons: Void = lookAgain()
        _ = await (events, reasons)
    }

    private func followEvents() async {
        guard let session else { return }
        // Begins before the list is read: nothing falls in between.
        let events = session.events
        await reload()
        for await event in events {
            switch event {
            case .waiting(let task, _), .responded(let task, _), .resumed(let task, _, _), .progressed(let task, _):
                list.update(TaskRow(task))
            case .created, .completed, .finishedEvents, .missed:
                await reload()
            default:
                break
            }
        }
    }

    /// A task that waits makes no noise, also when its reason becomes another one: who wants to know asks.
    private func lookAgain() async {
        guard let interval = downloads?.environment.lookInterval else { return }
        while (try? await Task.sleep(for: interval)) != nil { await reload() }
    }

    /// Pulling the list down. Returns when the downloads are safe on disk, not when they are done: the list tells that.
    public func refresh() async {
        guard let downloads, let session else { return }
        problem = nil
        await attempt { try await downloads.refresh(in: session) }
        await reload()
    }

    /// Where a task stands, and why; nil when it came, or nobody knows it any more.
    public func detail(of id: TaskRow.ID) async -> TaskDetail? {
        guard let session else { return nil }
        do throws(BackhaulError) {
            return try await TaskDetail(session.task(withIdentifier: id).explain())
        } catch {
            if error.kind != .unknownTask { problem = error.localizedDescription }
            return nil
        }
    }

    private func reload() async {
        guard let downloads, let session else { return }
        await attempt { list = try await downloads.list(of: session) }
    }

    /// Says what went wrong, to the user.
    private func attempt(_ work: @MainActor () async throws -> Void) async {
        do {
            try await work()
        } catch {
            problem = error.localizedDescription
        }
    }
}
