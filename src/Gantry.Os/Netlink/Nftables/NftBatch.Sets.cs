namespace Gantry.Os.Netlink.Nftables;

public sealed partial class NftBatch
{
    private const ushort NFT_MSG_NEWSET = 9, NFT_MSG_NEWSETELEM = 12, NFT_MSG_DELSETELEM = 14;
    private const ushort NFTA_SET_TABLE = 1, NFTA_SET_NAME = 2, NFTA_SET_FLAGS = 3, NFTA_SET_KEY_TYPE = 4, NFTA_SET_KEY_LEN = 5, NFTA_SET_DATA_TYPE = 6,
        NFTA_SET_DATA_LEN = 7, NFTA_SET_ID = 10, NFTA_SET_USERDATA = 13;
    private const ushort NFTA_SET_ELEM_LIST_TABLE = 1, NFTA_SET_ELEM_LIST_SET = 2, NFTA_SET_ELEM_LIST_ELEMENTS = 3, NFTA_LIST_ELEM = 1,
        NFTA_SET_ELEM_KEY = 1, NFTA_SET_ELEM_DATA = 2, NFTA_DATA_VALUE = 1;
    private const uint NFT_SET_MAP = 8;

    /// <summary>A list of elements is one attribute, whose length is told in 16 bits.</summary>
    private const int ElementsOfMessage = 400;

    /// <summary>For programs that list sets: names of interfaces are in the machine's order of bytes (type, length, value).</summary>
    private static readonly byte[] s_hostOrder = [0, 4, 1, 0, 0, 0];

    private uint _lastSet;

    /// <summary>Makes a set or a map without elements.</summary>
    public NftBatch AddSet(string table, NftSet set)
    {
        var message = Change(NFT_MSG_NEWSET, NetlinkFlags.Create).Text(NFTA_SET_TABLE, table).Text(NFTA_SET_NAME, set.Name)
            .NetworkNumber(NFTA_SET_FLAGS, set.IsMap ? NFT_SET_MAP : 0)
            .NetworkNumber(NFTA_SET_KEY_TYPE, NftSet.TypeOf(set.Key)).NetworkNumber(NFTA_SET_KEY_LEN, (uint)NftSet.LengthOf(set.Key))
            .NetworkNumber(NFTA_SET_ID, ++_lastSet);
        if (set.Key[0] == NftKeyPart.LinkName)
            message.Bytes(NFTA_SET_USERDATA, s_hostOrder);
        if (set.IsMap)
            message.NetworkNumber(NFTA_SET_DATA_TYPE, NftSet.TypeOf(set.Value)).NetworkNumber(NFTA_SET_DATA_LEN, (uint)NftSet.LengthOf(set.Value));
        return Add($"make the set {table} {set.Name}", message);
    }

    /// <summary>Adds elements; the transaction fails with EEXIST if one of a map's is there with another value.</summary>
    /// <param name="table">The table.</param>
    /// <param name="set">The set.</param>
    /// <param name="elements">Keys, with values for a map and empty ones for a set.</param>
    public NftBatch AddElements(string table, NftSet set, IEnumerable<(byte[] Key, byte[] Value)> elements) =>
        Elements(NFT_MSG_NEWSETELEM, NetlinkFlags.Create, $"add to the set {table} {set.Name}", table, set, elements);

    /// <summary>Removes elements; the transaction fails with ENOENT if one is not there.</summary>
    public NftBatch RemoveElements(string table, NftSet set, IEnumerable<(byte[] Key, byte[] Value)> elements) =>
        Elements(NFT_MSG_DELSETELEM, NetlinkFlags.None, $"remove from the set {table} {set.Name}", table, set, elements);

    private NftBatch Elements(
        ushort type, NetlinkFlags flags, string what, string table, NftSet set, IEnumerable<(byte[] Key, byte[] Value)> elements)
    {
        foreach (var some in elements.Chunk(ElementsOfMessage))
        {
            Add(what, Change(type, flags).Text(NFTA_SET_ELEM_LIST_TABLE, table).Text(NFTA_SET_ELEM_LIST_SET, set.Name)
                .Nest(NFTA_SET_ELEM_LIST_ELEMENTS, list =>
                {
                    foreach (var element in some)
                        list.Nest(NFTA_LIST_ELEM, item => WriteElement(item, element));
                }));
        }
        return this;
    }

    private static void WriteElement(NetlinkMessage item, (byte[] Key, byte[] Value) element)
    {
        item.Nest(NFTA_SET_ELEM_KEY, key => key.Bytes(NFTA_DATA_VALUE, element.Key));
        if (element.Value.Length > 0)
            item.Nest(NFTA_SET_ELEM_DATA, value => value.Bytes(NFTA_DATA_VALUE, element.Value));
    }
}
