import SwiftUI
import WatchAppContent
import WidgetKit

@main
struct PostcardsWidget: Widget {
    var body: some WidgetConfiguration {
        StaticConfiguration(kind: AppGroup.widgetKind, provider: PostcardProvider()) { entry in
            PostcardEntryView(entry: entry)
        }
        .configurationDisplayName("Postcards")
        .description("The postcard of now.")
        .supportedFamilies([.accessoryRectangular, .accessoryInline])
    }
}
