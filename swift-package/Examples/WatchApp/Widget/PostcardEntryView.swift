import SwiftUI
import UIKit
import WatchAppContent
import WidgetKit

struct PostcardEntryView: View {
    let entry: PostcardProvider.Entry

    @Environment(\.widgetFamily) private var family

    var body: some View {
        content
            .containerBackground(.black, for: .widget)
    }

    @ViewBuilder private var content: some View {
        if family == .accessoryInline {
            Text(title)
        } else {
            HStack {
                if let picture = entry.moment.picture, let image = UIImage(contentsOfFile: picture.path) {
                    Image(uiImage: image)
                        .resizable()
                        .scaledToFit()
                        .accessibilityHidden(true)
                }
                Text(title)
            }
        }
    }

    private var title: String { entry.moment.postcard?.title ?? "No postcard yet" }
}
