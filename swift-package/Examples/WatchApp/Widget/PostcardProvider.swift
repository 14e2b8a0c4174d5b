import Foundation
import WatchAppContent
import WidgetKit

/// The widget's timeline, from the files that the app's downloads have brought. It never asks the network, and it is
/// asked again only when the app says that there is news.
struct PostcardProvider: TimelineProvider {
    struct Entry: TimelineEntry {
        let moment: WidgetMoment

        var date: Date { moment.date }
    }

    func placeholder(in context: Context) -> Entry {
        .nothing(at: Date())
    }

    func getSnapshot(in context: Context, completion: @escaping (Entry) -> Void) {
        completion(entries(from: Date())[0])
    }

    func getTimeline(in context: Context, completion: @escaping (Timeline<Entry>) -> Void) {
        completion(Timeline(entries: entries(from: Date()), policy: .never))
    }

    /// At least one. Without files that can be read there is nothing to show yet.
    private func entries(from now: Date) -> [Entry] {
        let moments = try? PostcardStore(directory: AppGroup.directory()).timeline(from: now)
        return moments?.map(Entry.init) ?? [.nothing(at: now)]
    }
}

extension PostcardProvider.Entry {
    fileprivate static func nothing(at date: Date) -> PostcardProvider.Entry {
        PostcardProvider.Entry(moment: WidgetMoment(date: date, postcard: nil, picture: nil))
    }
}
