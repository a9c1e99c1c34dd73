using System.Globalization;
using Gantry.Build.Graph;
using Gantry.BuildKit.Protobuf;
using Gantry.Oci;

namespace Gantry.BuildKit.Llb;

/// <summary>Reads <c>pb.FileOp</c>: changes of files, one after another, which name inputs or the results of earlier ones.</summary>
/// <param name="operation">The operation.</param>
/// <param name="inputs">The nodes that it stands on.</param>
internal sealed class FileReader(LlbOperation operation, List<Node?> inputs)
{
    private readonly List<(long Input, long Second, long Output, FileAction Action)> _actions = [];

    /// <summary>The node.</summary>
    /// <exception cref="GantryException">It asks for what is not done.</exception>
    public Node Read(Func<string, NodeLabel> label)
    {
        var reader = new ProtoReader(operation.Body);
        while (reader.Next())
        {
            if (reader.Field == 2)
                ReadAction(reader.Bytes());
            else
                reader.Skip();
        }
        if (_actions.Count == 0)
            throw GantryException.Invalid("invalid file operation without an action");
        // One after another on the same files is what clients make; other shapes would be several results.
        for (var i = 1; i < _actions.Count; i++)
        {
            if (_actions[i].Input != inputs.Count + i - 1 || _actions[i].Second >= inputs.Count)
                throw GantryException.NotImplemented("a file operation with several results is not implemented in this version of Gantry");
        }
        if (_actions[^1].Output != 0 || _actions.SkipLast(1).Any(action => action.Output >= 0))
            throw GantryException.NotImplemented("a file operation with several results is not implemented in this version of Gantry");
        return Make(label);
    }

    private Node Make(Func<string, NodeLabel> label)
    {
        var nodes = new List<Node?> { At(_actions[0].Input) };
        var actions = new List<FileAction>();
        foreach (var (_, second, _, action) in _actions)
        {
            if (action is not CopyAction copy)
            {
                actions.Add(action);
                continue;
            }
            // Nothing can be copied from no files but nothing.
            nodes.Add(At(second) ?? new Node(new FileOperation([]), [null], new NodeLabel { Name = "scratch" }));
            actions.Add(copy with { Input = nodes.Count - 1 });
        }
        return new Node(new FileOperation(actions), nodes, label(Name(actions[0])));
    }

    private Node? At(long input) => input < 0 ? null
        : input < inputs.Count ? inputs[(int)input] : throw GantryException.Invalid($"invalid file operation: it has no input {input}");

    private static string Name(FileAction action) => action switch
    {
        CopyAction copy => $"copy {string.Join(' ', copy.Sources)} {copy.Destination}",
        MakeFileAction file => $"mkfile {file.Path}",
        MakeFolderAction folder => $"mkdir {folder.Path}",
        RemoveAction remove => $"rm {remove.Path}",
        _ => "file",
    };

    private void ReadAction(ReadOnlySpan<byte> bytes)
    {
        var (input, second, output) = (0L, 0L, 0L);
        FileAction? action = null;
        var reader = new ProtoReader(bytes);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: input = reader.Number(); break;
                case 2: second = reader.Number(); break;
                case 3: output = reader.Number(); break;
                case 4: action = FileActions.Copy(reader.Bytes()); break;
                case 5: action = FileActions.MakeFile(reader.Bytes()); break;
                case 6: action = FileActions.MakeFolder(reader.Bytes()); break;
                case 7: action = FileActions.Remove(reader.Bytes()); break;
                default: throw GantryException.NotImplemented($"the file action {reader.Field.ToString(CultureInfo.InvariantCulture)} is not implemented in this version of Gantry");
            }
        }
        _actions.Add((input, second, output, action ?? throw GantryException.Invalid("invalid file operation: an action is empty")));
    }
}
