using System.Text;

namespace Gossip.Messaging;

/// <summary>Reads tag expressions by recursive descent: a disjunction of conjunctions of negations of tags and groups.</summary>
internal ref struct TagExpressionParser
{
    private readonly string _text;
    private int _position;
    private int _depth;

    private TagExpressionParser(string text) => _text = text;

    public static Func<ClusterMember, bool> Parse(string text)
    {
        if (text.Length > TagExpression.MaxLength)
        {
            throw new TagExpressionException($"The tag expression has {text.Length} characters, and at most {TagExpression.MaxLength} are allowed: shorten it.");
        }

        var parser = new TagExpressionParser(text);
        var condition = parser.Disjunction();
        return parser.Next() is { } extra ? throw parser.Error($"'{extra}' where an operator or the end was expected") : condition;
    }

    private Func<ClusterMember, bool> Disjunction()
    {
        List<Func<ClusterMember, bool>> terms = [Conjunction()];
        while (TryTake('|'))
        {
            terms.Add(Conjunction());
        }

        return terms.Count == 1 ? terms[0] : member => terms.Exists(term => term(member));
    }

    private Func<ClusterMember, bool> Conjunction()
    {
        List<Func<ClusterMember, bool>> terms = [Negation()];
        while (TryTake('&'))
        {
            terms.Add(Negation());
        }

        return terms.Count == 1 ? terms[0] : member => terms.TrueForAll(term => term(member));
    }

    private Func<ClusterMember, bool> Negation()
    {
        var start = Next();
        if (++_depth > TagExpression.MaxDepth)
        {
            throw Error($"more than {TagExpression.MaxDepth} nested groups and negations");
        }

        Func<ClusterMember, bool> condition;
        switch (start)
        {
            case '!':
                _position++;
                var negated = Negation();
                condition = member => !negated(member);
                break;
            case '(':
                _position++;
                condition = Disjunction();
                if (!TryTake(')'))
                {
                    throw Error(Next() is { } other ? $"'{other}' where ')' was expected" : "the end where ')' was expected");
                }

                break;
            case null or '&' or '|' or ')':
                throw Error(start is null ? "the end where a tag was expected" : $"'{start}' where a tag was expected");
            default:
                var tag = start == '"' ? Quoted() : Plain();
                condition = member => member.HasTag(tag);
                break;
        }

        _depth--;
        return condition;
    }

    private string Plain()
    {
        var start = _position;
        while (_position < _text.Length && !char.IsWhiteSpace(_text[_position]) && !"!&|()\"".Contains(_text[_position], StringComparison.Ordinal))
        {
            _position++;
        }

        return _text[start.._position];
    }

    private string Quoted()
    {
        var tag = new StringBuilder();
        var start = _position++;
        while (_position < _text.Length && _text[_position] != '"')
        {
            if (_text[_position] == '\\' && ++_position == _text.Length)
            {
                break;
            }

            tag.Append(_text[_position++]);
        }

        if (_position == _text.Length || tag.Length == 0)
        {
            var isOpen = _position == _text.Length;
            _position = start;
            throw Error(isOpen ? "a quotation mark that nothing closes" : "an empty tag");
        }

        _position++;
        return tag.ToString();
    }

    /// <summary>The next character that is no white space, which is not taken; null at the end.</summary>
    private char? Next()
    {
        while (_position < _text.Length && char.IsWhiteSpace(_text[_position]))
        {
            _position++;
        }

        return _position < _text.Length ? _text[_position] : null;
    }

    private bool TryTake(char expected)
    {
        var found = Next() == expected;
        _position += found ? 1 : 0;
        return found;
    }

    private readonly TagExpressionException Error(string found) => new(_text, _position, found);
}
