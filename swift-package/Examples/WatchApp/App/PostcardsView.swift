import SwiftUI
import WatchAppModel

/// The first screen: what came, what is under way, and why it waits.
struct PostcardsView: View {
    let model: PostcardsModel

    var body: some View {
        NavigationStack {
            List {
                if let problem = model.problem {
                    Label(problem, systemImage: "exclamationmark.triangle")
                }
                if let cover = model.list.cover {
                    StoredPicture(file: cover)
                }
                if !model.list.tasks.isEmpty {
                    Section("On the way") { tasks }
                }
                Section("Postcards") { postcards }
            }
            .navigationTitle("Postcards")
            .refreshable { await model.refresh() }
        }
        .task { await model.follow() }
    }

    private var tasks: some View {
        ForEach(model.list.tasks) { row in
            NavigationLink {
                TaskDetailView(model: model, row: row)
            } label: {
                TaskRowView(row: row)
            }
        }
    }

    @ViewBuilder private var postcards: some View {
        if model.list.postcards.isEmpty {
            Text("Pull down to get some.")
        }
        ForEach(model.list.postcards) { PostcardRowView(row: $0) }
    }
}
