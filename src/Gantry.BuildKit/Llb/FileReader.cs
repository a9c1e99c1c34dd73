using System.Globalization;
using Gantry.Build.Graph;
using Gantry.BuildKit.Protobuf;
using Gantry.Oci;

namespace Gantry.BuildKit.Llb;

/// <summary>
/// Reads <c>pb.FileOp</c>: changes of files, each of an input or of the result of an earlier one. Those that only follow each other are one node; what is a
/// result of the operation, or is used more than once, is a node of its own.
/// </summary>
/// <param name="operation">The operation.</param>
/// <param name="inputs">The nodes that it stands on.</param>
internal sealed class FileReader(LlbOperation operation, List<Node?> inputs)
{
    private readonly List<LlbFileAction> _actions = [];
    private readonly Dictionary<int, Node> _nodes = [];

    /// <summary>The nodes of its results, by their numbers.</summary>
    /// <exception cref="GantryException">It is malformed, or asks for what is not done.</exception>
    public IReadOnlyList<Node?> Read(Func<string, NodeLabel> label)
    {
        var reader = new ProtoReader(operation.Body);
        while (reader.Next())
        {
            if (reader.Field == 2)
                _actions.Add(ReadAction(reader.Bytes()));
            else
                reader.Skip();
        }
        var outputs = Outputs();
        var ends = Ends(outputs.Values);
        for (var i = 0; i < _actions.Count; i++)
        {
            if (ends[i])
                _nodes[i] = Make(Chain(i), label);
        }
        return [.. outputs.Values.Select(i => _nodes[i])];
    }

    /// <summary>The number of the action that makes each result.</summary>
    private SortedDictionary<long, int> Outputs()
    {
        var outputs = new SortedDictionary<long, int>();
        for (var i = 0; i < _actions.Count; i++)
        {
            if (Math.Max(_actions[i].Input, _actions[i].SecondInput) >= inputs.Count + i)
                throw GantryException.Invalid($"invalid file operation: action {i} stands on one that is not before it");
            if (_actions[i].Output >= 0 && !outputs.TryAdd(_actions[i].Output, i))
                throw GantryException.Invalid($"invalid file operation: duplicate output {_actions[i].Output}");
        }
        if (outputs.Count == 0)
            throw GantryException.Invalid("invalid file operation: no outputs specified");
        if (outputs.Keys.Last() >= outputs.Count)
            throw GantryException.Invalid($"invalid file operation: its outputs are not 0 to {outputs.Count - 1}");
        return outputs;
    }

    /// <summary>Of each action whether nodes end with it: all but those whose only use is that another one goes on with their files.</summary>
    private bool[] Ends(IEnumerable<int> results)
    {
        var (goesOn, used) = (new int[_actions.Count], new bool[_actions.Count]);
        foreach (var action in _actions)
        {
            if (action.Input >= inputs.Count)
                goesOn[action.Input - inputs.Count]++;
            if (action.SecondInput >= inputs.Count)
                used[action.SecondInput - inputs.Count] = true;
        }
        foreach (var result in results)
            used[result] = true;
        return [.. used.Zip(goesOn, (isUsed, times) => isUsed || times > 1)];
    }

    /// <summary>The actions that end with one, from an input or from another node on.</summary>
    private List<LlbFileAction> Chain(int last)
    {
        var chain = new List<LlbFileAction> { _actions[last] };
        while (chain[^1].Input - inputs.Count is >= 0 and var before && !_nodes.ContainsKey((int)before))
            chain.Add(_actions[(int)before]);
        chain.Reverse();
        return chain;
    }

    private Node Make(List<LlbFileAction> chain, Func<string, NodeLabel> label)
    {
        var nodes = new List<Node?> { Node.AsRoot(At(chain[0].Input)) };
        var actions = new List<FileAction>();
        foreach (var link in chain)
        {
            if (link.Owners.Exists(owner => owner != chain[0].Input))
                throw GantryException.NotImplemented(
                    "owners by names of other files than those that are changed are not implemented in this version of Gantry: give numbers");
            if (link.Action is not CopyAction copy)
            {
                actions.Add(link.Action);
                continue;
            }
            nodes.Add(At(link.SecondInput));
            actions.Add(copy with { Input = nodes.Count - 1 });
        }
        return new Node(new FileOperation(actions), nodes, label(Name(actions[0])));
    }

    private Node? At(long input) => input < 0 ? null : input < inputs.Count ? inputs[(int)input] : _nodes[(int)input - inputs.Count];

    private static string Name(FileAction action) => action switch
    {
        CopyAction copy => $"copy {string.Join(' ', copy.Sources)} {copy.Destination}",
        MakeFileAction file => $"mkfile {file.Path}",
        MakeFolderAction folder => $"mkdir {folder.Path}",
        MakeLinkAction link => $"symlink {link.Path} -> {link.Text}",
        RemoveAction remove => $"rm {remove.Path}",
        _ => "file",
    };

    private static LlbFileAction ReadAction(ReadOnlySpan<byte> bytes)
    {
        var (input, second, output) = (0L, 0L, 0L);
        var owners = new List<long>();
        FileAction? action = null;
        var reader = new ProtoReader(bytes);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: input = reader.Number(); break;
                case 2: second = reader.Number(); break;
                case 3: output = reader.Number(); break;
                case 4: action = FileActions.Copy(reader.Bytes(), owners); break;
                case 5: action = FileActions.MakeFile(reader.Bytes(), owners); break;
                case 6: action = FileActions.MakeFolder(reader.Bytes(), owners); break;
                case 7: action = FileActions.Remove(reader.Bytes()); break;
                case 8: action = FileActions.MakeLink(reader.Bytes(), owners); break;
                default: throw GantryException.NotImplemented(
                    $"the file action {reader.Field.ToString(CultureInfo.InvariantCulture)} is not implemented in this version of Gantry");
            }
        }
        return new LlbFileAction(input, second, output, action ?? throw GantryException.Invalid("invalid file operation: an action is empty"), owners);
    }
}

/// <summary>A change of files: <c>pb.FileAction</c>. Inputs beyond those of the operation are results of its actions; -1 is none.</summary>
/// <param name="Input">What is changed.</param>
/// <param name="SecondInput">What is copied from.</param>
/// <param name="Output">Which result of the operation it makes; -1: none.</param>
/// <param name="Action">The change.</param>
/// <param name="Owners">The inputs in whose files the names of owners are looked up.</param>
internal sealed record LlbFileAction(long Input, long SecondInput, long Output, FileAction Action, List<long> Owners);
