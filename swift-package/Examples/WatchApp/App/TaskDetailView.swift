import SwiftUI
import WatchAppModel

/// Why a task does not move, in full.
struct TaskDetailView: View {
    let model: PostcardsModel
    let row: TaskRow

    @State private var detail: TaskDetail?

    var body: some View {
        List {
            TaskRowView(row: detail?.row ?? row)
            if let detail {
                DetailRows(detail: detail)
            }
        }
        .navigationTitle(row.title)
        // Asked again whenever the list has news of it.
        .task(id: model.list.tasks.first { $0.id == row.id }) {
            detail = await model.detail(of: row.id)
        }
    }
}

private struct DetailRows: View {
    let detail: TaskDetail

    var body: some View {
        if let unblockedBy = detail.unblockedBy {
            LabeledContent("Goes on with", value: unblockedBy)
        }
        LabeledContent("Since") { Text(detail.since, style: .relative) }
        if let next = detail.nextEvaluation {
            LabeledContent("Looked at again") { Text(next, style: .time) }
        }
        if let deadline = detail.deadline {
            LabeledContent("Given up at") { Text(deadline, style: .time) }
        }
        if detail.discarded > 0 {
            LabeledContent("Thrown away", value: detail.discarded.formatted(.byteCount(style: .file)))
        }
        ForEach(detail.attempts) { attempt in
            LabeledContent {
                Text(attempt.outcome)
            } label: {
                Text(attempt.began, style: .time)
            }
        }
    }
}
