internal import BackhaulGenerated
import Foundation

/// Received files between the system, which takes its own away when the delegate's method returns, and the core, which
/// puts them in place and then says so.
///
/// A file is here until its task's end is on record: the core gets a second name (a hard link) for it. So a process
/// that dies in between loses nothing, and the next one finds it. Used on one queue.
struct StagingFolder {
    let folder: URL

    init(_ folder: URL) throws {
        self.folder = folder
        try Durable.makeFolder(folder)
    }

    /// Takes a file from the system and keeps it, with what is known of it.
    ///
    /// The bytes are on disk before the file has a name here. The record and the names may not be: what a loss of power
    /// takes of them costs a download, and never makes a wrong file.
    func keep(_ file: URL, for id: TransferId, as record: StagedTransfer) throws {
        do {
            try Durable.write(JSONEncoder().encode(record), to: recordURL(id))
            try Durable.restrict(file)
            try Durable.synchronize(file)
            try Durable.replace(bodyURL(id), with: file)
        } catch {
            remove(id)
            throw error
        }
    }

    /// Takes a file that is not worth keeping over the end of the process: the body of a refusal.
    func take(_ file: URL, for id: TransferId) throws -> URL {
        try Durable.replace(handedOutURL(id), with: file)
        return handedOutURL(id)
    }

    /// A name for the core to take the file of `kept` under, as that of `id`.
    func handOut(_ kept: TransferId, as id: TransferId) -> URL {
        let (body, name) = (bodyURL(kept), handedOutURL(id))
        Durable.remove(name)
        do {
            try FileManager.default.linkItem(at: body, to: name)
            return name
        } catch {
            // A volume without hard links. From here to the record a death costs the file.
            Log.write(.debug, "transfer \(transferIdText(id: id)) is handed over without a second name")
            return body
        }
    }

    /// Every file that is whole and described.
    var kept: [TransferId: StagedTransfer] {
        var kept: [TransferId: StagedTransfer] = [:]
        for id in Set(names.compactMap(transfer(of:))) {
            kept[id] = record(of: id)
        }
        return kept
    }

    /// Removes what an earlier process left halfway. Not while the core has names of files here.
    func removeRemains() {
        let kept = kept
        for name in names {
            let isOfUse = [Suffix.record, .body].contains { name.hasSuffix($0.rawValue) }
            if !isOfUse || transfer(of: name).flatMap({ kept[$0] }) == nil {
                Durable.remove(folder.appendingPathComponent(name))
            }
        }
    }

    /// What is kept of a task, of whichever attempt: one at most, since the next one removes it.
    func kept(forTask task: Int64) -> (TransferId, StagedTransfer)? {
        for id in transfers(ofTask: task) {
            if let record = record(of: id) { return (id, record) }
        }
        return nil
    }

    func remove(task: Int64) {
        transfers(ofTask: task).forEach(remove)
    }

    func remove(_ id: TransferId) {
        // The record last: a body without one is of no use to anybody.
        [bodyURL(id), handedOutURL(id), recordURL(id)].forEach(Durable.remove)
    }

    // MARK: - Names

    private enum Suffix: String {
        case record = ".json"
        case body = ".body"
        case handedOut = ".out"
    }

    private func url(_ id: TransferId, _ suffix: Suffix) -> URL {
        folder.appendingPathComponent(transferIdText(id: id) + suffix.rawValue, isDirectory: false)
    }

    private func recordURL(_ id: TransferId) -> URL { url(id, .record) }
    private func bodyURL(_ id: TransferId) -> URL { url(id, .body) }
    private func handedOutURL(_ id: TransferId) -> URL { url(id, .handedOut) }

    private func transfer(of name: String) -> TransferId? {
        name.lastIndex(of: ".").flatMap { transferIdOf(text: String(name[..<$0])) }
    }

    private func transfers(ofTask task: Int64) -> Set<TransferId> {
        Set(names.filter { $0.hasPrefix("\(task).") }.compactMap(transfer(of:)))
    }

    private var names: [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    }

    /// Nil unless the file is there as long as it was.
    private func record(of id: TransferId) -> StagedTransfer? {
        guard
            let data = try? Data(contentsOf: recordURL(id)),
            let record = try? JSONDecoder().decode(StagedTransfer.self, from: data),
            let size = try? FileManager.default.attributesOfItem(atPath: bodyURL(id).path)[.size] as? UInt64,
            size == record.length
        else { return nil }
        return record
    }
}
