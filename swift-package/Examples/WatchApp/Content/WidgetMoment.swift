import Foundation

/// What the widget shows from a date on: one entry of its timeline.
public struct WidgetMoment: Sendable, Hashable {
    public let date: Date
    /// None before the first postcard's date, or when there is no feed yet.
    public let postcard: Postcard?
    /// Its picture, if that has come. The words are shown without it.
    public let picture: URL?

    public init(date: Date, postcard: Postcard?, picture: URL?) {
        self.date = date
        self.postcard = postcard
        self.picture = picture
    }
}

extension PostcardStore {
    /// The widget's timeline: what is to be seen now, and one moment for each postcard whose date is to come.
    ///
    /// It holds until something new arrives, and then the app has it made again: the widget never asks the network.
    public func timeline(from now: Date) throws -> [WidgetMoment] {
        let postcards = try feed()?.postcards ?? []
        let current = postcards.last { $0.date <= now }
        let coming = postcards.filter { $0.date > now }
        return [moment(at: now, of: current)] + coming.map { moment(at: $0.date, of: $0) }
    }

    private func moment(at date: Date, of postcard: Postcard?) -> WidgetMoment {
        WidgetMoment(date: date, postcard: postcard, picture: postcard.flatMap(picture(of:)))
    }
}
