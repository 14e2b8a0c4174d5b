import SwiftUI
import WatchAppModel

struct TaskRowView: View {
    let row: TaskRow

    var body: some View {
        VStack(alignment: .leading) {
            Label(row.title, systemImage: row.phase.symbol)
            Text(row.status)
                .font(.footnote)
                .foregroundStyle(.secondary)
            if let fraction = row.fraction {
                ProgressView(value: fraction)
            }
        }
        .accessibilityElement(children: .combine)
    }
}

extension TaskRow.Phase {
    fileprivate var symbol: String {
        switch self {
        case .waiting: "clock"
        case .moving: "arrow.down.circle"
        case .done: "checkmark.circle"
        case .failed: "exclamationmark.triangle"
        }
    }
}
