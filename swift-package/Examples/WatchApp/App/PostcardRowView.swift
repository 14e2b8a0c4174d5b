import SwiftUI
import UIKit
import WatchAppModel

struct PostcardRowView: View {
    let row: PostcardRow

    var body: some View {
        VStack(alignment: .leading) {
            if let picture = row.picture {
                StoredPicture(file: picture)
            }
            Text(row.title)
            Text(row.date, style: .date)
                .font(.footnote)
                .foregroundStyle(.secondary)
        }
        .accessibilityElement(children: .combine)
    }
}

/// A picture that was downloaded.
struct StoredPicture: View {
    let file: URL

    var body: some View {
        if let image = UIImage(contentsOfFile: file.path) {
            Image(uiImage: image)
                .resizable()
                .scaledToFit()
                .accessibilityHidden(true)
        }
    }
}
